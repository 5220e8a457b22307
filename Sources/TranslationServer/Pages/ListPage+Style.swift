// How the page looks. The colors are those of all pages.

extension ListPage {
  static let style = """
    [hidden] { display: none !important; }
    .hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
    body { display: flow-root; font-size: .9375rem; line-height: 1.45; }
    header, main, footer, #figures, #access { width: min(70rem, 100% - 2.5rem); margin: 0 auto; }
    header { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem 1.25rem; padding-top: 1.75rem; }
    h1 { margin: 0 auto 0 0; font-size: 1.5rem; font-weight: 650; letter-spacing: -.015em; line-height: 1.2; }
    h2 { margin: 0 0 1rem; font-size: 1.125rem; font-weight: 650; }
    #connection { display: flex; align-items: center; gap: .45rem; margin: 0; color: var(--faint); }
    #state { color: var(--now); font-weight: 600; }
    #wait, dd, .elapsed, .delay, .percent, #counts b { font-variant-numeric: tabular-nums; }

    button, input, select { font: inherit; color: inherit; }
    button, select { cursor: pointer; }
    button, select, input:not([type=checkbox]) {
      padding: .35rem .75rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--card);
    }
    input:not([type=checkbox]), select { border-color: color-mix(in srgb, var(--faint) 75%, var(--card)); }
    button:hover, select:hover { background: var(--soft); }
    .primary { border-color: var(--text); background: var(--text); color: var(--back); font-weight: 600; }
    .primary:hover { background: color-mix(in srgb, var(--text) 85%, var(--back)); }
    .danger { border-color: var(--bad); background: var(--bad); color: var(--card); font-weight: 600; }
    .danger:hover { background: color-mix(in srgb, var(--bad) 85%, var(--text)); }
    :focus-visible { outline: 2px solid var(--running); outline-offset: 2px; }
    a { color: inherit; text-underline-offset: .2em; }
    kbd, code { padding: .05rem .35rem; border: 1px solid var(--line); border-radius: .3rem; background: var(--card);
      font: .85em ui-monospace, monospace; }

    #access { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem .75rem; margin-top: 1rem; padding: .9rem 1.1rem;
      border: 1px solid var(--pending); border-radius: .75rem; background: var(--card); }
    #access p { flex-basis: 100%; margin: 0; }
    #access input { flex: 0 1 20rem; min-width: 0; }
    #access small { color: var(--faint); }

    #figures { display: flex; align-items: stretch; gap: 2rem; margin-top: 1.5rem; }
    #figures dl { display: flex; gap: 2rem; margin: 0; }
    dt { color: var(--faint); font-size: .8125rem; white-space: nowrap; }
    dd { margin: 0; }
    #figures dd { font-size: 1.375rem; font-weight: 600; letter-spacing: -.01em; white-space: nowrap; }
    figure { position: relative; flex: 1; min-width: 10rem; height: 3.25rem; margin: .35rem 0 1.1rem; padding-left: 3.5rem; }
    svg { display: block; width: 100%; height: 100%; }
    #lines { stroke: var(--line); vector-effect: non-scaling-stroke; }
    #lines path { stroke-width: 1px; vector-effect: non-scaling-stroke; }
    #high, .spark { fill: color-mix(in srgb, var(--running) 45%, var(--back)); }
    #middle { fill: var(--running); }
    #scale, figcaption { color: var(--faint); font-size: .6875rem; line-height: 1; font-variant-numeric: tabular-nums; }
    #scale { position: absolute; inset: 0 auto 0 0; width: 3rem; }
    #scale span { position: absolute; right: 0; transform: translateY(-50%); white-space: nowrap; }
    figcaption { display: flex; justify-content: space-between; padding-top: .35rem; border-top: 1px solid var(--line); }

    #tools { position: sticky; top: 0; z-index: 2; display: flex; flex-wrap: wrap; align-items: center; gap: .6rem 1rem;
      justify-content: space-between; margin-top: 1.25rem; padding: .75rem 0; background: var(--back); }
    #counts { display: flex; flex-wrap: wrap; gap: .35rem; }
    #counts button { display: flex; align-items: center; gap: .4rem; padding: .3rem .65rem; border-color: transparent;
      background: none; color: var(--faint); }
    #counts button:hover { background: var(--soft); }
    #counts button[aria-pressed=true] { border-color: var(--line); background: var(--card); color: var(--text); }
    #counts b { color: var(--text); font-weight: 600; }
    #counts .dot { font-size: .9rem; }
    #finding { display: flex; flex: 1 1 20rem; gap: .5rem; min-width: 0; max-width: 27rem; }
    #search { flex: 1; min-width: 0; }
    ::placeholder { color: var(--faint); opacity: 1; }
    \(table)
    \(around)
    """

  private static let table = """
    #table { border: 1px solid var(--line); border-radius: .75rem; background: var(--card); overflow: clip; }
    #rows { position: relative; overflow-anchor: none; }
    .row { display: grid; grid-template-columns: minmax(0, 1fr) 6.75rem 11rem 7rem 10.5rem 2rem; column-gap: 1rem;
      align-items: center; padding: 0 .75rem 0 1.1rem; }
    .head { height: 2.25rem; color: var(--faint); font-size: .8125rem; }
    #rows .row { position: absolute; top: 0; left: 0; right: 0; height: var(--row); border-top: 1px solid var(--line);
      contain: layout paint style; }
    #rows .row:hover { background: var(--soft); }
    .right { text-align: right; }
    .what { min-width: 0; }
    .what a { display: block; font-weight: 600; text-decoration: none; }
    .what a::after { content: ""; position: absolute; inset: 0; }
    .what a:focus-visible { outline: none; }
    .what a:focus-visible::after { outline: 2px solid var(--running); outline-offset: -3px; border-radius: .6rem; }
    .what a, .about { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    .about { display: block; color: var(--faint); font-size: .8125rem; }
    [data-status=error] .about { color: var(--bad); }
    .status { display: flex; align-items: center; gap: .5rem; color: var(--now); }
    .progress { display: flex; align-items: center; gap: .6rem; }
    .bar { flex: 1; height: .375rem; border-radius: 1rem; background: var(--track); overflow: hidden; }
    .bar i { display: block; height: 100%; border-radius: 1rem; background: var(--now); transform-origin: left;
      transform: scaleX(0); transition: transform .2s linear; }
    .percent { width: 3.1rem; min-height: 1.2rem; text-align: right; color: var(--faint);
      font-size: .8125rem; white-space: nowrap; }
    .elapsed, .delay { text-align: right; white-space: nowrap; }
    .delay { display: flex; align-items: center; justify-content: flex-end; gap: .6rem; }
    .delay span { min-width: 4.1rem; }
    .spark { flex: none; width: 3.5rem; height: 1.25rem; }
    .cancel { position: relative; z-index: 1; width: 2rem; height: 2rem; padding: 0; border-color: transparent; background: none;
      color: var(--faint); }
    .cancel:not([hidden]) { display: grid; place-items: center; }
    .cancel:hover { background: var(--card); border-color: var(--line); color: var(--bad); }
    .cancel svg { width: .625rem; height: .625rem; stroke: currentColor; stroke-width: 1.2; stroke-linecap: round; }
    #empty, #hint { margin: 0; padding: 2.5rem 0; color: var(--faint); text-align: center; }
    """

  private static let around = """
    footer { display: flex; flex-wrap: wrap; justify-content: space-between; gap: .5rem 2rem; padding: 1.25rem 0 2.5rem;
      color: var(--faint); font-size: .8125rem; }
    footer p { margin: 0; }
    footer button { padding: 0; border: 0; background: none; text-decoration: underline; text-underline-offset: .2em; }
    footer button:hover { background: none; color: var(--text); }
    footer p:last-child { display: flex; gap: 1.25rem; }
    #notice { position: fixed; z-index: 3; left: 50%; bottom: 1.5rem; max-width: calc(100% - 2rem); margin: 0;
      padding: .6rem 1.1rem; border-radius: .6rem; background: var(--text); color: var(--back); transform: translateX(-50%);
      box-shadow: 0 6px 24px #0003; overflow-wrap: anywhere; }
    #notice:empty { display: none; }

    dialog { width: min(26rem, 100% - 2rem); padding: 1.5rem; border: 1px solid var(--line); border-radius: .9rem;
      background: var(--card); color: var(--text); box-shadow: 0 16px 64px #0004; }
    dialog::backdrop { background: #0007; }
    dialog p { margin: 0 0 1rem; overflow-wrap: anywhere; }
    dialog label { display: block; margin-bottom: .9rem; font-weight: 600; }
    dialog label span { color: var(--faint); font-size: .8125rem; font-weight: 400; }
    dialog label input:not([type=checkbox]) { display: block; width: 100%; margin-top: .25rem; font-weight: 400; }
    dialog [aria-invalid=true] { border-color: var(--bad) !important; }
    .check { display: flex; align-items: center; gap: .5rem; font-weight: 400; }
    .check input { flex: none; width: 1rem; height: 1rem; margin: 0; accent-color: var(--running); }
    .pair { display: grid; grid-template-columns: 1fr 1fr; gap: .9rem; }
    .buttons { display: flex; justify-content: flex-end; gap: .6rem; margin-top: 1.25rem; }
    .wrong { color: var(--bad); }
    .wrong:empty { display: none; }
    #help dl { margin: 0 0 1.25rem; }
    #help dl div { display: flex; justify-content: space-between; gap: 1rem; padding: .45rem 0; border-top: 1px solid var(--line); }

    @media (max-width: 62rem) {
      #figures { flex-wrap: wrap; gap: 1rem; }
      figure { flex-basis: 100%; margin-bottom: .75rem; }
    }
    @media (max-width: 48rem) {
      header, main, footer, #figures, #access { width: calc(100% - 1.5rem); }
      header { padding-top: 1rem; }
      #connection { order: 3; flex-basis: 100%; }
      #figures { margin-top: 1rem; }
      #figures dl { flex: 1; justify-content: space-between; gap: .75rem; }
      #figures dd { font-size: 1.125rem; }
      #tools { position: static; }
      #counts { display: grid; grid-template-columns: repeat(3, auto); flex: 1 1 100%; }
      #counts button { justify-content: flex-start; gap: .3rem; min-width: 0; padding: .3rem .4rem; font-size: .8125rem; }
      #finding { max-width: none; }
      .head { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
      .row { grid-template-columns: auto minmax(0, 1fr) 2rem; gap: .3rem .75rem; align-content: center;
        padding: 0 .5rem 0 .9rem; }
      .what { grid-area: 1 / 1 / auto / 3; }
      .end { grid-area: 1 / 3; }
      .progress { grid-area: 2 / 1 / auto / 4; padding-right: .4rem; }
      .status { grid-area: 3 / 1; }
      .elapsed { grid-area: 3 / 2; justify-self: start; color: var(--faint); }
      .delay { grid-area: 3 / 2 / auto / 4; justify-self: end; padding-right: .4rem; }
      .spark { width: 2.5rem; }
      #rows .row:first-child { border-top: 0; }
    }
    @media (max-width: 26rem) { header button span { display: none; } }
    @media (prefers-reduced-motion: reduce) { *, ::before, ::after { transition: none !important; animation: none !important; } }
    @media (forced-colors: active) { .dot, .bar i, #middle { background: CanvasText; fill: CanvasText; forced-color-adjust: none; } }
    """
}
