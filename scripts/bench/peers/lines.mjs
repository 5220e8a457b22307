// An event stream read as people write it who take no package: text is collected, and lines are cut off its front.
export class LineReader {
  #decoder = new TextDecoder();
  #rest = '';
  #data = [];
  #type = '';
  #id = '';

  constructor(onEvent) {
    this.onEvent = onEvent;
  }

  feed(chunk) {
    const text = this.#rest + this.#decoder.decode(chunk, { stream: true });
    let start = 0;
    for (let end; (end = text.indexOf('\n', start)) >= 0; start = end + 1) {
      this.#line(text.slice(start, text[end - 1] === '\r' ? end - 1 : end));
    }
    this.#rest = text.slice(start);
  }

  #line(line) {
    if (line === '') {
      if (this.#data.length) {
        this.onEvent({ type: this.#type || 'message', data: this.#data.join('\n'), id: this.#id });
      }
      this.#data = [];
      this.#type = '';
      return;
    }
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'data') this.#data.push(value);
    else if (field === 'event') this.#type = value;
    else if (field === 'id') this.#id = value;
  }
}
