// How wide the screen is.
import { observable } from "./observable.js";

const wanted = matchMedia("(max-width: 640px)");
const narrow = observable(wanted.matches);
wanted.addEventListener("change", () => narrow.set(wanted.matches));

export const useNarrow = () => narrow.use();
