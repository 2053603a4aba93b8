// What the forms offer; asked for once.
import { useEffect } from "../vendor/preact-htm.js";
import { told } from "./api.js";
import { observable } from "./observable.js";

const choices = observable({ versions: {}, node_types: ["cache.t3.micro"], zones: [], region: "us-east-1" });
let asked = false;

export function useChoices() {
  useEffect(() => {
    if (asked) return;
    asked = true;
    told("GET", "/_cachewright/choices").then(choices.set, () => (asked = false));
  }, []);
  return choices.use();
}
