// How long a page was looked at: one request when it is left, if it was looked at long enough.

const SHORTEST = 5;
const USUAL = 15;

export const heartbeat = (tracker, self) => {
  let delay; // Milliseconds; none while nobody wants to know.
  let since; // When the visitor came back to the page; 0 while it is not looked at.

  const leave = () => {
    const now = Date.now();
    if (delay && since != null && self._sentAt && now - since >= delay && now - self._sentAt >= delay) tracker.ping();
    since = undefined;
  };
  const come = () => (since = Date.now());

  tracker.enableHeartBeatTimer = (seconds) => {
    if (delay == null) {
      since = 0; // Who knows since when: since the last request at least.
      addEventListener("blur", leave);
      addEventListener("focus", come);
      addEventListener("pagehide", leave);
      document.addEventListener("visibilitychange", () => (document.hidden ? leave() : come()));
    }
    delay = Math.max(seconds || USUAL, SHORTEST) * 1000;
  };
  tracker.disableHeartBeatTimer = () => (delay = 0);
};
