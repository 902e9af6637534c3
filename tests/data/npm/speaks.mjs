// Asks a gateway as a program of Node does, and prints what came, as JSON.
import OpenAI from "openai";

const client = new OpenAI({ baseURL: process.argv[2], apiKey: "sk-none", maxRetries: 1, timeout: 20000 });
const messages = [{ role: "user", content: "hello" }];
const caught = async (call) => {
  try {
    await call();
    return "nothing";
  } catch (error) {
    return { name: error.constructor.name, status: error.status ?? null, code: error.code ?? null };
  }
};

const whole = await client.chat.completions.create({ model: "small", messages });
const chunks = [];
for await (const chunk of await client.chat.completions.create({
  model: "small", messages, stream: true, stream_options: { include_usage: true },
})) chunks.push(chunk);
const helper = await client.chat.completions.stream({ model: "small", messages }).finalChatCompletion();
const embedded = await client.embeddings.create({ model: "small", input: ["a", "b"] });
const listed = [];
for await (const model of client.models.list()) listed.push(model.id);
const responded = await client.responses.create({ model: "small", input: "hello" });
const events = [];
for await (const event of await client.responses.create({ model: "small", input: "hello", stream: true })) events.push(event.type);

console.log(JSON.stringify({
  whole: whole.choices[0].message.content,
  streamed: chunks.flatMap((chunk) => chunk.choices).map((choice) => choice.delta.content ?? "").join(""),
  usages: chunks.filter((chunk) => chunk.usage).length,
  helper: helper.choices[0].message.content,
  dimensions: embedded.data.map((each) => each.embedding.length),
  models: listed,
  responded: responded.output_text,
  last_event: events.at(-1),
  unknown: await caught(() => client.chat.completions.create({ model: "nope", messages })),
  limited: await caught(() => client.chat.completions.create({ model: "limited", messages })),
  broken: await caught(async () => {
    for await (const _ of await client.chat.completions.create({ model: "broken", messages, stream: true }));
  }),
  left: await (async () => {
    const stream = await client.chat.completions.create({ model: "endless", messages, stream: true });
    for await (const _ of stream) break;
    return "left";
  })(),
}));
