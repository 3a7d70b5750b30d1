// Where the session has ended: signing in again in place, through the normal sign-in. What was asked is repeated
// where the same person signs in; else it is discarded, and the page of the other person says so.
(() => {
  const person = document.body.dataset.person;
  const DISCARDED = "discarded";
  const SAYS = {
    429: "Too many attempts. Wait a few minutes, then try again.",
    late: "That took too long. Begin again.",
    failed: "Not signed in: no answer from the server. Try again.",
  };
  let waiting = [];
  let over = false;

  const cookie = () => document.cookie.match(/(?:^|; )(?:__Host-)?csrftoken=([^;]+)/)?.[1];

  // Each request says for whom its page was made, and carries the token of now: a sign-in in another window of the
  // same person has changed it. The server answers nobody else.
  document.addEventListener("htmx:configRequest", ({ detail }) => {
    if (person) detail.headers["X-Person"] = person;
    if (!cookie()) return;
    detail.headers["X-CSRFToken"] = cookie();
    detail.formData.delete("csrfmiddlewaretoken");
  });

  const renewTokens = () => {
    for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) field.value = cookie();
  };

  const say = (text) => {
    const said = document.getElementById("said");
    const item = document.createElement("li");
    item.className = "warning";
    item.textContent = text;
    said.innerHTML = "<ul class='messages'></ul>";
    said.firstElementChild.append(item);
  };

  const discard = () => {
    document.querySelectorAll("form").forEach((form) => form.reset());
    document.getElementById("main").replaceChildren();
    sessionStorage.setItem(DISCARDED, "1");
    location.replace(location.pathname + location.search);
  };

  const goOn = () => {
    over = false;
    renewTokens();
    const again = waiting.filter(({ elt }) => elt.isConnected);
    waiting = [];
    again.forEach(requests.repeat);
  };

  const dialog = () => {
    const made = document.getElementById("sign-in-again");
    if (made) return made;
    const copy = document.getElementById("dialogs").content.querySelector("#sign-in-again").cloneNode(true);
    document.body.append(copy);
    copy.addEventListener("submit", (event) => {
      event.preventDefault();
      signIn(copy, event.target);
    });
    for (const button of copy.querySelectorAll("[data-close]")) button.addEventListener("click", () => copy.close());
    copy.querySelector("[data-elsewhere]").addEventListener("click", () => signedIn(copy));
    copy.addEventListener("close", notNow);
    return copy;
  };

  const refuse = (form, sentence) => {
    const error = form.querySelector(".error");
    error.textContent = sentence;
    error.hidden = !sentence;
    form.querySelector("[name=password], [name=code]").focus();
  };

  // The password first, then the code of the second factor where there is one.
  const step = (shown, wanted, sentence = "") => {
    for (const form of shown.querySelectorAll("form")) form.hidden = form !== wanted;
    // None where passwords are switched off.
    if (wanted) refuse(wanted, sentence);
  };

  const signIn = async (shown, form) => {
    const button = form.querySelector(".primary");
    button.disabled = true;
    try {
      await answer(shown, form, await send(form));
    } catch {
      refuse(form, SAYS.failed);
    } finally {
      button.disabled = false;
    }
  };

  const send = (form) => {
    if (cookie()) form.elements.csrfmiddlewaretoken.value = cookie();
    const headers = { "X-Requested-With": "XMLHttpRequest" };
    const signal = AbortSignal.timeout(htmx.config.timeout);
    return fetch(form.action, { method: "POST", body: new FormData(form), headers, signal });
  };

  const answer = async (shown, form, response) => {
    // Too late for the code: from the beginning. Any other further step, such as a new password, has its own page.
    if (response.redirected && form.matches("[data-factor]")) step(shown, shown.querySelector("form"), SAYS.late);
    else if (response.redirected) location.assign(response.url);
    else if (response.status !== 200 && response.status !== 400) {
      refuse(form, SAYS[response.status] ?? SAYS.failed);
    } else take(shown, form, await response.json());
  };

  const take = (shown, form, told) => {
    form.querySelector("[name=password], [name=code]").value = "";
    const factor = shown.querySelector("[data-factor]");
    if (told.errors.length) refuse(form, told.errors.join(" "));
    else if (told.person === null && told.location === new URL(factor.action).pathname) step(shown, factor);
    else if (told.person === null) location.assign(told.location);
    else if (told.person !== person) discard();
    else signedIn(shown);
  };

  const signedIn = (shown) => {
    shown.returnValue = "signed in";
    shown.close("signed in");
    goOn();
  };

  // Closed without signing in: what was asked stays where it was typed, and says that it was not done.
  const notNow = ({ target }) => {
    if (target.returnValue !== "signed in") waiting.forEach(signedOut);
    target.returnValue = "";
  };

  const signedOut = (asked) => {
    requests.show(asked, `${requests.failedWord(asked)}: you are signed out.`, "Sign in again", () => ask(asked));
  };

  const ask = (asked) => {
    waiting = waiting.filter(({ elt }) => elt !== asked.elt && elt.isConnected);
    waiting.push(asked);
    const shown = dialog();
    if (shown.open) return;
    shown.showModal();
    step(shown, shown.querySelector("form"));
  };

  // A window that asks by itself whether something is new stops asking until somebody has signed in.
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (over && requests.isPoll(event.detail.requestConfig.elt)) event.preventDefault();
  });
  document.addEventListener("session:ended", ({ detail: { ended, asked } }) => {
    over = true;
    if (ended === "another") discard();
    else if (requests.isPoll(asked.elt)) signedOut(asked);
    else ask(asked);
  });

  if (sessionStorage.getItem(DISCARDED)) {
    sessionStorage.removeItem(DISCARDED);
    const who = document.querySelector(".person a")?.textContent;
    if (who) say(`You are signed in as ${who}. What somebody else had typed here was discarded, not saved.`);
  }
})();
