// Custom variables: a name and a value at a place, of the visit, the page or an event.

import { json } from "./request.js";
import { extra, remember, tracker, given } from "./state.js";
import { session, store, stored } from "./visitor.js";

const NAMES = { 2: "visit", 3: "page" };
const LONGEST = 200;

const scopes = { page: {}, event: {} };
let touched;
remember("storeCustomVariablesInCookie", "");

const ofVisit = () => {
  try {
    return JSON.parse(stored("cvar"));
  } catch {
    return {};
  }
};
const variablesOf = (scope) => {
  const name = NAMES[scope] || scope || "visit";
  if (name == "visit") touched = scopes.visit ??= ofVisit();
  return scopes[name];
};
const cut = (text) => ("" + text).slice(0, LONGEST);

extra.variables = () => {
  const visit = scopes.visit || ofVisit();
  if (touched && given.storeCustomVariablesInCookie) store("cvar", JSON.stringify(visit), session());
  return { cvar: json(scopes.page), e_cvar: json(scopes.event), _cvar: json(visit) };
};

Object.assign(tracker, {
  setCustomVariable(place, name, value = "", scope) {
    variablesOf(scope)[place] = [cut(name), cut(value)];
  },
  getCustomVariable: (place, scope) => variablesOf(scope)[place],
  deleteCustomVariable: (place, scope) => delete variablesOf(scope)[place],
  deleteCustomVariables: (scope) => Object.keys(variablesOf(scope)).forEach((place) => tracker.deleteCustomVariable(place, scope)),
});
