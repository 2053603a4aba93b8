// The 16384 slots as a bar: which shard serves which of them, and how far a resharding is.
import { html } from "../vendor/preact-htm.js";

const ALL = 16384;
const COLOURS = 8;

const rangesOf = (slots) =>
  slots.split(",").filter(Boolean).map((range) => {
    const [first, last = first] = range.split("-").map(Number);
    return { first, number: last - first + 1 };
  });

export const slotCount = (slots) => rangesOf(slots).reduce((sum, { number }) => sum + number, 0);

export function Slots({ cache }) {
  const moving = cache.moved !== null && cache.moved !== undefined && cache.moved < 100; // the rest is about nodes
  return html`
    <figcaption class="slots">
      <div class="slots-head">
        <span>Slots</span>
        ${moving && html`<span class="moving" role="status">moving: ${Math.round(cache.moved)} % done</span>`}
      </div>
      <svg class="slot-bar" viewBox=${`0 0 ${ALL} 100`} preserveAspectRatio="none" aria-hidden="true">
        ${cache.shards.flatMap((shard, at) =>
          rangesOf(shard.slots).map(
            ({ first, number }) => html`
              <rect key=${`${shard.id}/${first}`} class=${`of-${at % COLOURS}`} x=${first} y="0" width=${number} height="100">
                <title>shard ${shard.id}</title>
              </rect>`,
          ),
        )}
      </svg>
      <ul class="legend">
        ${cache.shards.map(
          (shard, at) => html`
            <li key=${shard.id}>
              <span class=${`swatch of-${at % COLOURS}`} aria-hidden="true"></span>
              shard ${shard.id}: <span class="number">${slotCount(shard.slots)}</span> slots
            </li>`,
        )}
      </ul>
    </figcaption>`;
}
