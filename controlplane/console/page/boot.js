// A page of which a part did not come is loaded again. Chromium breaks off what it loads whenever the network of the
// machine changes, and it does with every container that starts.
const PAUSE = 700; // milliseconds

addEventListener(
  "error",
  ({ target }) => {
    if (target instanceof HTMLScriptElement || (target instanceof HTMLLinkElement && target.rel === "stylesheet")) setTimeout(() => location.reload(), PAUSE);
  },
  true,
);
