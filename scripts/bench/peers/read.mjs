// Node's clients at a stream that the server ends: read.mjs fetch|EventSource URL
// EventSource is Node's own, which has to be asked for with --experimental-eventsource.
import { LineReader } from './lines.mjs';

const [reader, url] = process.argv.slice(2);
let events = 0;
const [begin, used] = [performance.now(), process.cpuUsage()];
const count = (event) => { if (event.data.length) events += 1; };
if (reader === 'fetch') {
  const lines = new LineReader(count);
  for await (const chunk of (await fetch(url)).body) lines.feed(chunk);
} else {
  await new Promise((end) => {
    const source = new EventSource(url);
    source.onmessage = count;
    source.onerror = () => { source.close(); end(); };
  });
}
const cpu = process.cpuUsage(used);
console.log(JSON.stringify({
  events, cpu: (cpu.user + cpu.system) / 1e6, seconds: (performance.now() - begin) / 1000,
}));
