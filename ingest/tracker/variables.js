// Custom variables: a name and a value at a place, of the visit, the page or an event.

import { json } from "./request.js";
import { attempt, given, tracker } from "./state.js";
import { store, stored } from "./visitor.js";

const NAMES = { 2: "visit", 3: "page" };
const LONGEST = 200;

const scopes = { page: {}, event: {} };

const ofVisit = () => scopes.visit || attempt(() => JSON.parse(stored("cvar")), {});
const variablesOf = (scope = "visit") => {
  const name = NAMES[scope] || scope;
  if (name == "visit") scopes.visit = ofVisit();
  return scopes[name];
};

export const variables = () => {
  const visit = json(ofVisit());
  if (scopes.visit && given.storeCustomVariablesInCookie) store("cvar", visit || "{}", given.SessionCookieTimeout);
  return { cvar: json(scopes.page), e_cvar: json(scopes.event), _cvar: visit };
};

Object.assign(tracker, {
  setCustomVariable(place, name, value = "", scope) {
    variablesOf(scope)[place] = [name, value].map((text) => ("" + text).slice(0, LONGEST));
  },
  getCustomVariable: (place, scope) => variablesOf(scope)[place],
  deleteCustomVariable: (place, scope) => delete variablesOf(scope)[place],
  deleteCustomVariables(scope) {
    for (const place in variablesOf(scope)) tracker.deleteCustomVariable(place, scope);
  },
});
