// What stands in the page. Names, for the eye and the ear, are given here; the script fills in what changes.

extension ListPage {
  static let content = """
    <header>
      <h1>Translations</h1>
      <p id="connection" data-status="waiting">
        <span class="dot" aria-hidden="true"></span><span id="state" role="status">connecting</span><span id="wait"></span>
        <button id="again" type="button" hidden>Reconnect now</button>
      </p>
      <button id="new" class="primary" type="button" aria-keyshortcuts="n">New<span> translation</span></button>
    </header>
    <form id="access" aria-labelledby="refusal" hidden>
      <p id="refusal"></p>
      <label for="token">Access token</label>
      <input id="token" type="password" autocomplete="off" spellcheck="false" required aria-describedby="refusal"
        pattern="\\s*[\\w.~+\\/\\-]+=*\\s*" title="Letters, digits and - . _ ~ + / with = at the end">
      <button class="primary" type="submit">Use it</button> <button id="later" type="button">Not now</button>
      <small>Kept until this tab is closed.</small>
    </form>
    <section id="figures" aria-label="Updates as they come in">
      <dl>
        <div><dt>Updates a second</dt><dd id="rate">–</dd></div>
        <div><dt title="of the last thousand updates">Median delay</dt><dd id="median">–</dd></div>
        <div><dt title="of the last thousand updates">95 % within</dt><dd id="most">–</dd></div>
      </dl>
      <figure>
        <svg viewBox="0 0 120 40" preserveAspectRatio="none" role="img" aria-label="Delays of the last minute">
          <g id="lines"></g><path id="high"></path><path id="middle"></path>
        </svg>
        <div id="scale" aria-hidden="true"></div>
        <figcaption aria-hidden="true"><span>60 s ago</span><span>now</span></figcaption>
      </figure>
    </section>
    <main>
      <div id="tools">
        <div id="counts" role="group" aria-label="Show by state"></div>
        <div id="finding">
          <input id="search" type="search" placeholder="Title, language or id" aria-label="Search"
            aria-keyshortcuts="/" autocomplete="off" spellcheck="false">
          <select id="sort" aria-label="Sort by">
            <option value="newest">Newest first</option>
            <option value="progress">By progress</option>
            <option value="state">By state</option>
          </select>
        </div>
      </div>
      <div id="table" role="table" aria-label="Translations">
        <div role="rowgroup">
          <div class="row head" role="row">
            <span role="columnheader">Translation</span><span role="columnheader">State</span>
            <span role="columnheader">Progress</span><span role="columnheader" class="right">Elapsed</span>
            <span role="columnheader" class="right">Delay</span><span role="columnheader" class="hidden">Cancel</span>
          </div>
        </div>
        <div id="rows" role="rowgroup"></div>
      </div>
      <p id="empty" role="status" hidden>No translation is like that. <button id="all" type="button">Show all</button></p>
      <p id="hint" hidden>Make another one with <kbd>n</kbd>, or with <code>tclient submit de en</code></p>
      <noscript>This page needs JavaScript. Without it: <code>curl -N</code> with /translations/events.</noscript>
    </main>
    <footer>
      <p>Delay: from when a status came about until it was here<span id="clocks"></span>.</p>
      <p><button id="keys" type="button" aria-keyshortcuts="?">Keyboard</button> <a href="#token">Token</a> <a href="openapi.json">API</a>
        <a href="metrics">Metrics</a></p>
    </footer>
    <p id="notice" role="status"></p>
    <p id="summary" role="status" class="hidden"></p>
    \(dialogs)
    """

  private static let dialogs = """
    <dialog id="making" aria-labelledby="making-name">
      <form novalidate>
        <h2 id="making-name">New translation</h2>
        <div class="pair">
          <label>Source <input name="source" value="de" autocomplete="off" spellcheck="false" aria-describedby="making-error"></label>
          <label>Target <input name="target" value="en" autocomplete="off" spellcheck="false" aria-describedby="making-error"></label>
        </div>
        <label>Title <span>optional</span> <input name="title" autocomplete="off" aria-describedby="making-error"></label>
        <label>Simulate for <span>seconds; empty, it waits for a worker</span>
          <input name="seconds" type="number" min="0" step="any" aria-describedby="making-error"></label>
        <label class="check"><input name="fails" type="checkbox"> and let it fail in the end</label>
        <p id="making-error" class="wrong" role="alert"></p>
        <div class="buttons">
          <button type="button" data-close>Close</button><button class="primary" type="submit">Make it</button>
        </div>
      </form>
    </dialog>
    <dialog id="ending" aria-labelledby="ending-name" aria-describedby="ending-words">
      <h2 id="ending-name">Cancel this translation?</h2>
      <p id="ending-words"></p>
      <div class="buttons">
        <button type="button" data-close autofocus>Let it go on</button>
        <button id="end" class="danger" type="button">Cancel it</button>
      </div>
    </dialog>
    <dialog id="help" aria-labelledby="help-name">
      <h2 id="help-name">Keyboard</h2>
      <dl>
        <div><dt><kbd>/</kbd></dt><dd>search</dd></div>
        <div><dt><kbd>n</kbd></dt><dd>new translation</dd></div>
        <div><dt><kbd>↑</kbd> <kbd>↓</kbd> <kbd>Home</kbd> <kbd>End</kbd></dt><dd>from row to row</dd></div>
        <div><dt><kbd>Enter</kbd></dt><dd>open the row's translation</dd></div>
        <div><dt><kbd>x</kbd></dt><dd>cancel it</dd></div>
        <div><dt><kbd>0</kbd> … <kbd>5</kbd></dt><dd>show all, or one state</dd></div>
        <div><dt><kbd>Esc</kbd></dt><dd>close; show all again</dd></div>
      </dl>
      <label class="check"><input id="letters" type="checkbox" checked> Keys work alone, without Alt</label>
      <div class="buttons"><button type="button" data-close>Close</button></div>
    </dialog>
    """
}
