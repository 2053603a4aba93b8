// A value that components show: whoever uses it is drawn again when it changes.
import { useEffect, useReducer } from "../vendor/preact-htm.js";

export function observable(value) {
  const listeners = new Set();
  return {
    get: () => value,
    set(next) {
      value = next;
      for (const listener of [...listeners]) listener();
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    use() {
      const [, again] = useReducer((times) => times + 1, 0);
      const shown = value;
      useEffect(() => {
        if (shown !== value) again(); // it changed between drawing and listening
        return this.listen(again);
      }, []);
      return value;
    },
  };
}
