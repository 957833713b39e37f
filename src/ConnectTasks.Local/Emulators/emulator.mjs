// Runs one emulator on a loopback port: node emulator.mjs sqs|dynamodb PORT (0 takes a free one).
// Writes one line of JSON to stdout: {"url": "..."} when it listens, or {"error": "...", "code": "..."}.
// It ends when its standard input does, so that it never outlives the process that started it.
import { AsyncLocalStorage } from "node:async_hooks";
import { readFileSync } from "node:fs";
import Module, { createRequire } from "node:module";

const host = "127.0.0.1";
const [service, port] = [process.argv[2], Number(process.argv[3])];

process.stdin.on("end", () => process.exit(0)).on("error", () => process.exit(0)).resume();
process.on("SIGTERM", () => process.exit(0));
// Ctrl+C reaches the whole terminal group. The parent decides when to stop, once the function has finished.
process.on("SIGINT", () => {});

const tell = message => process.stdout.write(JSON.stringify(message) + "\n");

try {
  tell({ url: `http://${host}:${await (service === "sqs" ? startSqs() : startDynamoDb())}` });
} catch (error) {
  tell({ error: error.message, code: error.code });
  process.exit(1);
}

function startDynamoDb() {
  const require = createRequire(import.meta.url);
  rememberParses(require, require.resolve("./node_modules/dynalite/db/conditionParser.js"));
  const dynalite = require("dynalite");
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve(server.address().port));
  });
}

// dynalite's generated parser of conditions reads what is in brackets again for each form that it could have, and so at
// each depth: tens of milliseconds for a condition such as the ledger's. Here a rule's result at a position is kept for
// the rest of a parse, as the generator's option "cache" would do. Paths are left out: their rule changes its result.
function rememberParses(require, path) {
  const source = readFileSync(path, "utf8")
    .replace("function peg$parse(input, options) {", `$&
      const peg$known = new Map();
      const peg$remember = (rule, parse) => {
        const key = rule + peg$currPos;
        if (!peg$known.has(key)) peg$known.set(key, { result: parse(), end: peg$currPos });
        peg$currPos = peg$known.get(key).end;
        return peg$known.get(key).result;
      };`)
    .replace(/function peg\$parse(\w*ConditionExpression|Operand\w*)\(\) \{/g,
      `function peg$parse$1() { return peg$remember("$1", peg$read$1); }\n  function peg$read$1() {`);
  const module = new Module(path);
  module.filename = path;
  module._compile(source, path);
  require.cache[path] = module;
}

async function startSqs() {
  const { buildApp } = await import("fauxqs");
  // Not among the package's exports, hence by path; the package's version is pinned.
  const { SqsStore } = await import("./node_modules/fauxqs/dist/sqs/sqsStore.js");
  const { INVALID_MESSAGE_BODY_CHAR } = await import("./node_modules/fauxqs/dist/sqs/sqsTypes.js");

  // SQS allows the characters beyond U+FFFF as well (emoji, for instance); fauxqs refuses their surrogates.
  const invalid = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;
  INVALID_MESSAGE_BODY_CHAR.test = body => invalid.test(body);

  class Store extends SqsStore {
    // Queue URLs with the host that the client came by: fauxqs would make up names that need DNS.
    host = "";

    // SQS goes by a queue URL's path: localhost and 127.0.0.1 are the same queue.
    getQueue(url) {
      return super.getQueue(url) ?? this.getQueueByName(String(url).split("/").pop());
    }

    createQueue(...args) {
      const queue = super.createQueue(...args);
      const enqueue = queue.enqueue.bind(queue);
      // A message that a redrive policy moves starts counting its receives again.
      queue.enqueue = message => {
        message.messageGroupId ??= groupOf(message.body);
        message.approximateReceiveCount = 0;
        message.approximateFirstReceiveTimestamp = undefined;
        message.place = this.places++;
        enqueue(message);
      };
      receiveGroups(queue);
      return queue;
    }

    places = 0;
  }

  // A receive from a FIFO queue gives as many messages of a group as there are and fit; fauxqs gives one. Those that
  // become visible again are where they were; fauxqs turns several of a group round.
  function receiveGroups(queue) {
    const receiveOne = queue.dequeueFifo.bind(queue);
    queue.dequeueFifo = (count, ...rest) => {
      queue.processTimers();
      for (const messages of queue.fifoMessages.values()) messages.sort((a, b) => a.place - b.place);
      const locked = [...queue.fifoLockedGroups];
      const received = [];
      for (let next; received.length < count && next?.length !== 0; received.push(...next)) {
        // The groups that this receive has begun are open to it.
        queue.fifoLockedGroups = new Map(locked);
        next = receiveOne(1, ...rest);
      }
      queue.fifoLockedGroups = new Map();
      for (const { message } of queue.inflightMessages.values()) {
        const group = message.messageGroupId;
        queue.fifoLockedGroups.set(group, (queue.fifoLockedGroups.get(group) ?? 0) + 1);
      }
      return received;
    };
  }

  // A standard queue takes a MessageGroupId too and returns it with the message; fauxqs forgets it there. So the
  // entries of the request under way are at hand when its messages are stored, which is in their order.
  const requests = new AsyncLocalStorage();
  function groupOf(body) {
    const entries = requests.getStore() ?? [];
    const at = entries.findIndex(entry => entry?.MessageBody === body);
    return at < 0 ? undefined : entries.splice(0, at + 1)[at].MessageGroupId;
  }

  const app = buildApp({ logger: false, stores: { sqsStore: new Store() } });
  app.addHook("preHandler", ({ body }, _, done) =>
    requests.run(Array.isArray(body?.Entries) ? [...body.Entries] : [body], done));
  await app.listen({ port, host });
  return app.server.address().port;
}
