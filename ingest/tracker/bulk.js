// Requests that may wait a little, so that several go as one.

import { send } from "./consent.js";
import { built } from "./request.js";
import { given, tracker, whenLeaving } from "./state.js";

const MOST = 50;

let queries = [];
let timer;

const flush = () => {
  while (queries[0]) send(queries.splice(0, MOST));
};
whenLeaving(flush);

export const enqueue = (query) => {
  if (!given.QueueRequest) return send([query]);
  queries.push(query);
  clearTimeout(timer);
  timer = setTimeout(flush, Math.max(1000, given.RequestQueueInterval));
};

tracker.queueRequest = (query, whole) => enqueue(whole ? query : built(query));
