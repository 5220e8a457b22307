// Node's readers over a stream in memory: parse.mjs lines|eventsource-parser FILE CHUNK MILLISECONDS
// eventsource-parser is looked for in the directory that PEERS_NODE names.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { LineReader } from './lines.mjs';

const [reader, path, chunk, milliseconds] = process.argv.slice(2);
const stream = readFileSync(path);
const chunks = [];
for (let start = 0; start < stream.length; start += +chunk) chunks.push(stream.subarray(start, start + +chunk));

let makeReader = (onEvent) => new LineReader(onEvent);
if (reader === 'eventsource-parser') {
  const entry = `${process.env.PEERS_NODE}/package/dist/index.js`;
  const { createParser } = await import(pathToFileURL(entry));
  makeReader = (onEvent) => {
    const [parser, decoder] = [createParser({ onEvent }), new TextDecoder()];
    return { feed: (chunk) => parser.feed(decoder.decode(chunk, { stream: true })) };
  };
}

let events = 0, passes = 0;
const cpu = () => { const used = process.cpuUsage(); return (used.user + used.system) / 1e6; };
const pass = () => {
  const parser = makeReader((event) => { if (event.data.length) events += 1; });
  for (const piece of chunks) parser.feed(piece);
};
// Compiled before it counts.
const warm = performance.now();
do { pass(); } while (performance.now() - warm < 150);
events = 0;
const [begin, used] = [performance.now(), cpu()];
do {
  pass();
  passes += 1;
} while ((cpu() - used) * 1000 < +milliseconds);
console.log(JSON.stringify({
  bytes: passes * stream.length, events, passes, cpu: cpu() - used, seconds: (performance.now() - begin) / 1000,
}));
