// What a client that writes sees of a drill, while it goes on: writes that were answered, and the time without any.
import { html } from "../vendor/preact-htm.js";

const SIZE = { width: 1000, height: 110 };
const LEAST = 20; // spans that are shown, so that the first ones are not as wide as the picture

const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(1)} s`;

export function Outage({ writes: { cache, span_ms: span, counts, longest_ms: longest }, steps }) {
  const spans = Math.max(LEAST, counts.length);
  const width = SIZE.width / spans;
  const top = Math.max(1, ...counts);
  const ended = counts.slice(0, -1); // the last span is still being counted
  const first = ended.findIndex((count) => count > 0);
  const without = ended.flatMap((count, at) => (!count && first >= 0 && at > first ? [at] : []));
  const x = (at) => Math.min(SIZE.width, (SIZE.width * at) / (spans * span));
  return html`
    <figure class="outage">
      <figcaption><span>Writes of ${cache} that were answered, every ${Math.round(span)} ms</span><strong>longest time without one: ${Math.round(longest)} ms</strong></figcaption>
      <svg viewBox=${`0 0 ${SIZE.width} ${SIZE.height}`} preserveAspectRatio="none" aria-hidden="true">
        ${without.map((at) => html`<rect key=${`without-${at}`} class="without" x=${at * width} y="0" width=${width} height=${SIZE.height} />`)}
        ${counts.map((count, at) => html`<rect key=${at} class="answered" x=${at * width} y=${SIZE.height * (1 - count / top)} width=${width * 0.8} height=${(SIZE.height * count) / top} />`)}
        ${steps.map(({ at_ms: at, what }) => html`<path key=${`${at}/${what}`} class="step" d=${`M${x(at).toFixed(1)} 0V${SIZE.height}`} />`)}
      </svg>
      <div class="scale muted"><span>0 s</span><span>${seconds(spans * span)}</span></div>
    </figure>`;
}
