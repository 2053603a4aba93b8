// A list of which only what is in sight is drawn, once it is long.
import { html, useLayoutEffect, useRef, useState } from "../vendor/preact-htm.js";

const FEW = 120; // elements that are always drawn
const STEP = 10; // elements by which the window moves
const AROUND = 20; // elements above and below what is in sight
const USUAL = 76; // pixels of an element, before any was measured

/** `draw` makes an element of the list of an item, given its place and how many there are. */
export function Windowed({ items, draw, ...more }) {
  const list = useRef();
  const height = useRef(USUAL);
  const [first, setFirst] = useState(0);
  const whole = items.length <= FEW;
  useLayoutEffect(() => {
    if (whole) return undefined;
    const look = () => {
      const drawn = [...list.current.children].filter((child) => !child.hasAttribute("aria-hidden"));
      if (drawn.length > 1) height.current = (drawn.at(-1).offsetTop - drawn[0].offsetTop) / (drawn.length - 1);
      const above = Math.max(0, -list.current.getBoundingClientRect().top / height.current - AROUND);
      setFirst(Math.floor(above / STEP) * STEP);
    };
    look();
    addEventListener("scroll", look, { passive: true });
    addEventListener("resize", look);
    return () => (removeEventListener("scroll", look), removeEventListener("resize", look));
  }, [whole]);
  if (whole) return html`<ul ...${more}>${items.map((item, at) => draw(item, at, items.length))}</ul>`;
  const begin = Math.min(first, Math.max(0, items.length - STEP));
  const end = Math.min(items.length, begin + STEP + 2 * AROUND + Math.ceil(innerHeight / height.current));
  const space = (key, number) => number > 0 && html`<svg key=${key} class="space" aria-hidden="true" width="1" height=${number * height.current} role="presentation"></svg>`;
  return html`
    <ul ...${more} ref=${list}>
      ${begin > 0 && html`<li key="above" class="space" aria-hidden="true">${space("above", begin)}</li>`}
      ${items.slice(begin, end).map((item, at) => draw(item, begin + at, items.length))}
      ${end < items.length && html`<li key="below" class="space" aria-hidden="true">${space("below", items.length - end)}</li>`}
    </ul>`;
}
