// The access key that this tab was told, where the control plane asks for one. It is kept by the tab, and nowhere else.
import { observable } from "./observable.js";

const KEPT = "cachewright.key";

function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT));
  } catch {
    return null; // nothing that this page wrote
  }
}

export const key = observable(kept());

export function keep(told) {
  sessionStorage.setItem(KEPT, JSON.stringify(told));
  key.set(told);
}

/** Nothing stays in sight, nor is followed any longer, that the key has opened. */
export function forget() {
  sessionStorage.removeItem(KEPT);
  location.reload();
}

/** What to sign with for an account: where no key is asked for, the account itself. */
export const keyFor = (account) => key.get() ?? { id: account || "000000000000", secret: "console" };
