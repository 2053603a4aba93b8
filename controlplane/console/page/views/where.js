// Whose things are shown: an account in a region, which the address names.
import { html } from "../vendor/preact-htm.js";
import { useChoices } from "../lib/choices.js";
import { feed } from "../lib/feed.js";
import { HOME, go, place } from "../lib/router.js";
import { Choice, Field } from "./parts.js";

const USUAL = "000000000000";

/** The account and the region of the address, else those of the first cache; and what there is to choose from. */
export function useWhere() {
  const { caches } = feed.use();
  const { region: usual } = useChoices();
  const { query } = place.use();
  const there = [...new Set([...caches.values()].map(({ account, region }) => `${account} ${region}`))].sort();
  const asked = query.get("account") ? `${query.get("account")} ${query.get("region") || usual}` : (there.find((one) => one.endsWith(` ${usual}`)) ?? there[0] ?? `${USUAL} ${usual}`);
  const [account, region] = asked.split(" ");
  return { account, region, options: [...new Set([asked, ...there])] };
}

export const addressIn = (path, { account, region }, more = {}) => `${HOME}/${path}?${new URLSearchParams({ account, region, ...more })}`;

export function Where({ path, where }) {
  const pick = (chosen) => {
    const [account, region] = chosen.split(" ");
    go(addressIn(path, { account, region }));
  };
  return html`
    <div class="filters"><${Field} label="Account and region"><${Choice} value=${`${where.account} ${where.region}`} options=${where.options} onPick=${pick} /><//></div>`;
}
