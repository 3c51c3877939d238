// Requests that may wait a little, so that several go as one.

import { send } from "./consent.js";
import { built } from "./request.js";
import { given, remember, tracker, whenLeaving } from "./state.js";

const MOST = 50;

let queries = [];
let timer;
remember("RequestQueueInterval");
remember("disableQueueRequest", "");

const flush = () => {
  while (queries[0]) send(queries.splice(0, given.disableQueueRequest ? 1 : MOST));
};
whenLeaving(flush);

export const enqueue = (query) => {
  queries.push(query);
  clearTimeout(timer);
  if (given.disableQueueRequest) flush();
  else timer = setTimeout(flush, Math.max(1000, given.RequestQueueInterval ?? 2500));
};

tracker.queueRequest = (query, whole) => enqueue(whole ? query : built(query));
