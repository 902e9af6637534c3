BEGIN TRANSACTION;
CREATE TABLE event (
	resource_version INTEGER NOT NULL, 
	revision INTEGER NOT NULL, 
	type VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	namespace VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	digest_before VARCHAR, 
	digest_after VARCHAR, 
	PRIMARY KEY (resource_version), 
	FOREIGN KEY(revision) REFERENCES revision (number)
);
INSERT INTO "event" VALUES(1,1,'ADDED','Provider','default','far',NULL,'sha256:6aaa396c2efd2561cc988a74cf730fd1f7d10ffa6cb9c31ea7bba49b1c6e1285');
INSERT INTO "event" VALUES(2,1,'ADDED','Provider','default','sim',NULL,'sha256:b91655e3197aff978fbae99019f70c92b10bf2af30f2cceb6388001e8b0c0319');
INSERT INTO "event" VALUES(3,1,'ADDED','Model','default','m',NULL,'sha256:0ca64ae737711f0f88fc01c26adf291c9cf0e728460311be2da28685f01887ad');
INSERT INTO "event" VALUES(4,1,'ADDED','Binding','default','b',NULL,'sha256:e243cc5215b9867e54efd43ebec67b5c18008d85f1bef702f2f1c2a9901d1358');
INSERT INTO "event" VALUES(5,2,'MODIFIED','Provider','default','sim','sha256:b91655e3197aff978fbae99019f70c92b10bf2af30f2cceb6388001e8b0c0319','sha256:81bb1d05d9c7fa5ababa1864d5a3b4f25445abf4ea58bbe3af2c19c5f30ce0e7');
INSERT INTO "event" VALUES(6,2,'MODIFIED','Model','default','m','sha256:0ca64ae737711f0f88fc01c26adf291c9cf0e728460311be2da28685f01887ad','sha256:5f9fb27eeb39c82390e72c3aee3243b21a1cae014212bfdf75f794ad05b0444c');
INSERT INTO "event" VALUES(7,2,'DELETED','Provider','default','far','sha256:6aaa396c2efd2561cc988a74cf730fd1f7d10ffa6cb9c31ea7bba49b1c6e1285',NULL);
INSERT INTO "event" VALUES(8,3,'ADDED','Provider','default','far',NULL,'sha256:6aaa396c2efd2561cc988a74cf730fd1f7d10ffa6cb9c31ea7bba49b1c6e1285');
INSERT INTO "event" VALUES(9,3,'MODIFIED','Provider','default','sim','sha256:81bb1d05d9c7fa5ababa1864d5a3b4f25445abf4ea58bbe3af2c19c5f30ce0e7','sha256:b91655e3197aff978fbae99019f70c92b10bf2af30f2cceb6388001e8b0c0319');
INSERT INTO "event" VALUES(10,3,'MODIFIED','Model','default','m','sha256:5f9fb27eeb39c82390e72c3aee3243b21a1cae014212bfdf75f794ad05b0444c','sha256:0ca64ae737711f0f88fc01c26adf291c9cf0e728460311be2da28685f01887ad');
INSERT INTO "event" VALUES(11,4,'ADDED','Secret','default','keys',NULL,'sha256:69782fd76d0c3953c970d40b1be6c788cb60bab9f4ec6d1390d98c6c3c4cc26f');
CREATE TABLE hold (
	kind VARCHAR NOT NULL, 
	namespace VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	source VARCHAR NOT NULL, 
	declared VARCHAR, 
	revision INTEGER NOT NULL, 
	PRIMARY KEY (kind, namespace, name, source)
);
INSERT INTO "hold" VALUES('Provider','default','far','github.com/acme/routing',NULL,3);
INSERT INTO "hold" VALUES('Provider','default','sim','github.com/acme/routing','fc1a51ab41b071b023aebedc064a169fa5bfc03418015f89f9560e60ad8bd6e8',3);
INSERT INTO "hold" VALUES('Model','default','m','github.com/acme/routing','b7269cef9e63b89ad7936a19fa80653b443e166dd259098a22cd50ff206d9aa6',3);
CREATE TABLE meta (
	"key" VARCHAR NOT NULL, 
	value VARCHAR NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "meta" VALUES('resource_version','11');
CREATE TABLE revision (
	number INTEGER NOT NULL, 
	parent INTEGER NOT NULL, 
	time VARCHAR NOT NULL, 
	actor VARCHAR NOT NULL, 
	source VARCHAR, 
	"commit" VARCHAR, 
	dirty BOOLEAN NOT NULL, 
	message VARCHAR NOT NULL, 
	operation VARCHAR NOT NULL, 
	digest VARCHAR NOT NULL, 
	PRIMARY KEY (number), 
	UNIQUE (parent)
);
INSERT INTO "revision" VALUES(1,0,'2026-01-01T00:00:02Z','ada','github.com/acme/routing',NULL,0,'','apply','sha256:4810f9dcd336c0cdbb4d8952f89afba9863949d757beb48f5fd3252d78309d08');
INSERT INTO "revision" VALUES(2,1,'2026-01-01T00:00:04Z','ada','github.com/acme/routing',NULL,0,'','apply','sha256:098b3d5375ac53106b1a93df85322a2db7fa3c5fa0c12686c427a42b6fbe7688');
INSERT INTO "revision" VALUES(3,2,'2026-01-01T00:00:05Z','ada',NULL,NULL,0,'','rollback','sha256:5174a5dd5d2dc325fc98a9de3f4b66831000a008f11e15d0961fc4980acd5dc7');
INSERT INTO "revision" VALUES(4,3,'2026-01-01T00:00:07Z','ada','another',NULL,0,'','apply','sha256:19fec617740613afb39c4ce1dccccc43ddc076249d266e7c0b6e2694975890e9');
CREATE TABLE vault (
	id VARCHAR NOT NULL, 
	place VARCHAR NOT NULL, 
	ciphertext BLOB NOT NULL, 
	fingerprint VARCHAR NOT NULL, 
	key_id VARCHAR NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "vault" VALUES('v-7314826f3171898e91444b5c','default/Provider/far/spec.config.apiKey',X'6741414141414272416D79447938374A30616478616273356F734165374D4439434C436C41424744526A7035745841713854644F585633694E564A466F38314F4A3859783172485776496E63736948355362546F3158734E70725631587533615F773D3D','f1-1cefd9639a80470731f60f07c28db838','34f27072dfce5965');
INSERT INTO "vault" VALUES('v-5039df23008b2b6b7cbca4cd','default/Secret/keys/spec.data.K',X'6741414141414272416D7944524F3178724D635645504C6F41766B5373794272645356662D645839704431755832325931437856596359485A484E4D795432362D4D547A3378727970724D58305F4A376533636D574551346E4A59654E73736469736C53597274434958525F616E4D766F36346F6232303D','f1-a637c3a6e0e3155e1dd4e1e4cda51df7','34f27072dfce5965');
CREATE TABLE version (
	resource_version INTEGER NOT NULL, 
	kind VARCHAR NOT NULL, 
	namespace VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	uid VARCHAR NOT NULL, 
	generation INTEGER NOT NULL, 
	created VARCHAR NOT NULL, 
	valid_from INTEGER NOT NULL, 
	valid_to INTEGER, 
	managed_fields VARCHAR NOT NULL, 
	source VARCHAR, 
	path VARCHAR, 
	digest VARCHAR NOT NULL, 
	body VARCHAR NOT NULL, 
	PRIMARY KEY (resource_version), 
	FOREIGN KEY(valid_from) REFERENCES revision (number), 
	FOREIGN KEY(valid_to) REFERENCES revision (number)
);
INSERT INTO "version" VALUES(1,'Provider','default','far','550f813c-d257-43b1-8e65-c6e0cf8aa7e9',1,'2026-01-01T00:00:02Z',1,2,'[{"fields":{"f:spec":{"f:config":{"f:apiKey":{},"f:baseURL":{}},"f:type":{}}},"manager":"git:github.com/acme/routing","operation":"Apply","time":"2026-01-01T00:00:01Z"}]','github.com/acme/routing','/srv/routing/manifests/all.yaml','sha256:6aaa396c2efd2561cc988a74cf730fd1f7d10ffa6cb9c31ea7bba49b1c6e1285','{"annotations":{},"labels":{},"spec":{"config":{"apiKey":{"sealed":"v-7314826f3171898e91444b5c"},"baseURL":"https://a.example/v1","connectTimeout":"5s","timeout":"120s"},"enabled":true,"priority":0,"type":"openai-compatible"}}');
INSERT INTO "version" VALUES(2,'Provider','default','sim','e7f66bbc-52d0-416d-8c81-5b9a71510a73',1,'2026-01-01T00:00:02Z',1,2,'[{"fields":{"f:spec":{"f:config":{"f:text":{}},"f:type":{}}},"manager":"git:github.com/acme/routing","operation":"Apply","time":"2026-01-01T00:00:01Z"}]','github.com/acme/routing','/srv/routing/manifests/all.yaml','sha256:b91655e3197aff978fbae99019f70c92b10bf2af30f2cceb6388001e8b0c0319','{"annotations":{},"labels":{},"spec":{"config":{"chunkSize":16,"cutAfter":0,"dimensions":64,"errorEvery":1,"errorStatus":0,"interval":"0ms","latency":"0ms","text":"one"},"enabled":true,"priority":0,"type":"simulator"}}');
INSERT INTO "version" VALUES(3,'Model','default','m','c4a41430-3be4-4028-8aaa-024c2d4c74a7',1,'2026-01-01T00:00:02Z',1,2,'[{"fields":{"f:spec":{}},"manager":"git:github.com/acme/routing","operation":"Apply","time":"2026-01-01T00:00:01Z"}]','github.com/acme/routing','/srv/routing/manifests/all.yaml','sha256:0ca64ae737711f0f88fc01c26adf291c9cf0e728460311be2da28685f01887ad','{"annotations":{},"labels":{},"spec":{}}');
INSERT INTO "version" VALUES(4,'Binding','default','b','40e87c76-16ae-416a-add2-3cd8780944c1',1,'2026-01-01T00:00:02Z',1,NULL,'[{"fields":{"f:spec":{"f:model":{},"f:provider":{}}},"manager":"git:github.com/acme/routing","operation":"Apply","time":"2026-01-01T00:00:01Z"}]','github.com/acme/routing','/srv/routing/manifests/all.yaml','sha256:e243cc5215b9867e54efd43ebec67b5c18008d85f1bef702f2f1c2a9901d1358','{"annotations":{},"labels":{},"spec":{"enabled":true,"model":"m","provider":"sim"}}');
INSERT INTO "version" VALUES(5,'Provider','default','sim','e7f66bbc-52d0-416d-8c81-5b9a71510a73',2,'2026-01-01T00:00:02Z',2,3,'[{"fields":{"f:spec":{"f:config":{"f:text":{}},"f:type":{}}},"manager":"git:github.com/acme/routing","operation":"Apply","time":"2026-01-01T00:00:01Z"}]','github.com/acme/routing','/srv/routing/manifests/all.yaml','sha256:81bb1d05d9c7fa5ababa1864d5a3b4f25445abf4ea58bbe3af2c19c5f30ce0e7','{"annotations":{},"labels":{},"spec":{"config":{"chunkSize":16,"cutAfter":0,"dimensions":64,"errorEvery":1,"errorStatus":0,"interval":"0ms","latency":"0ms","text":"two"},"enabled":true,"priority":0,"type":"simulator"}}');
INSERT INTO "version" VALUES(6,'Model','default','m','c4a41430-3be4-4028-8aaa-024c2d4c74a7',2,'2026-01-01T00:00:02Z',2,3,'[{"fields":{"f:spec":{"f:aliases":{}}},"manager":"git:github.com/acme/routing","operation":"Apply","time":"2026-01-01T00:00:03Z"}]','github.com/acme/routing','/srv/routing/manifests/all.yaml','sha256:5f9fb27eeb39c82390e72c3aee3243b21a1cae014212bfdf75f794ad05b0444c','{"annotations":{},"labels":{},"spec":{"aliases":["gpt-*"]}}');
INSERT INTO "version" VALUES(8,'Provider','default','far','b59265d5-648b-428c-874c-6923838c4c7f',1,'2026-01-01T00:00:05Z',3,NULL,'[{"fields":{"f:spec":{"f:config":{"f:apiKey":{},"f:baseURL":{}},"f:type":{}}},"manager":"git:github.com/acme/routing","operation":"Apply","time":"2026-01-01T00:00:01Z"}]','github.com/acme/routing','/srv/routing/manifests/all.yaml','sha256:6aaa396c2efd2561cc988a74cf730fd1f7d10ffa6cb9c31ea7bba49b1c6e1285','{"annotations":{},"labels":{},"spec":{"config":{"apiKey":{"sealed":"v-7314826f3171898e91444b5c"},"baseURL":"https://a.example/v1","connectTimeout":"5s","timeout":"120s"},"enabled":true,"priority":0,"type":"openai-compatible"}}');
INSERT INTO "version" VALUES(9,'Provider','default','sim','e7f66bbc-52d0-416d-8c81-5b9a71510a73',3,'2026-01-01T00:00:02Z',3,NULL,'[{"fields":{"f:spec":{"f:config":{"f:text":{}},"f:type":{}}},"manager":"git:github.com/acme/routing","operation":"Apply","time":"2026-01-01T00:00:01Z"}]','github.com/acme/routing','/srv/routing/manifests/all.yaml','sha256:b91655e3197aff978fbae99019f70c92b10bf2af30f2cceb6388001e8b0c0319','{"annotations":{},"labels":{},"spec":{"config":{"chunkSize":16,"cutAfter":0,"dimensions":64,"errorEvery":1,"errorStatus":0,"interval":"0ms","latency":"0ms","text":"one"},"enabled":true,"priority":0,"type":"simulator"}}');
INSERT INTO "version" VALUES(10,'Model','default','m','c4a41430-3be4-4028-8aaa-024c2d4c74a7',3,'2026-01-01T00:00:02Z',3,NULL,'[{"fields":{"f:spec":{}},"manager":"git:github.com/acme/routing","operation":"Apply","time":"2026-01-01T00:00:01Z"}]','github.com/acme/routing','/srv/routing/manifests/all.yaml','sha256:0ca64ae737711f0f88fc01c26adf291c9cf0e728460311be2da28685f01887ad','{"annotations":{},"labels":{},"spec":{}}');
INSERT INTO "version" VALUES(11,'Secret','default','keys','72cfafdb-cb8c-4f50-8121-f576f1531e7f',1,'2026-01-01T00:00:07Z',4,NULL,'[{"fields":{"f:spec":{"f:data":{"f:K":{}},"f:hosts":{}}},"manager":"git:another","operation":"Apply","time":"2026-01-01T00:00:06Z"}]','another','/srv/routing/manifests/more.yaml','sha256:69782fd76d0c3953c970d40b1be6c788cb60bab9f4ec6d1390d98c6c3c4cc26f','{"annotations":{},"labels":{},"spec":{"data":{"K":{"sealed":"v-5039df23008b2b6b7cbca4cd"}},"hosts":["a.example"]}}');
CREATE INDEX vault_place ON vault (place);
CREATE UNIQUE INDEX one_live_version ON version (kind, namespace, name) WHERE valid_to IS NULL;
CREATE INDEX version_to ON version (valid_to);
CREATE INDEX version_from ON version (valid_from);
CREATE INDEX version_key ON version (kind, namespace, name, valid_from);
CREATE INDEX event_revision ON event (revision);
COMMIT;
PRAGMA application_id = 1919120484;
PRAGMA user_version = 1;
