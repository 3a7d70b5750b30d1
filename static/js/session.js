// Where the session has ended: signing in again in place, through the normal sign-in. What was asked is repeated
// where the same person signs in; else it is discarded, and the page of the other person says so.
(() => {
  const person = document.body.dataset.person;
  const DISCARDED = "discarded";
  const SAYS = {
    429: "Too many attempts. Wait a few minutes, then try again.",
    failed: "Not signed in: no answer from the server. Try again.",
  };
  let waiting = [];
  let over = false;

  const cookie = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];

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
    copy.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      signIn(copy);
    });
    copy.querySelector("[data-close]").addEventListener("click", () => copy.close());
    copy.addEventListener("close", notNow);
    return copy;
  };

  const refuse = (shown, sentence) => {
    const error = shown.querySelector(".error");
    error.textContent = sentence;
    error.hidden = false;
    shown.querySelector("[name=password]").focus();
  };

  const signIn = async (shown) => {
    const form = shown.querySelector("form");
    const button = form.querySelector(".primary");
    button.disabled = true;
    try {
      await answer(shown, await send(form));
    } catch {
      refuse(shown, SAYS.failed);
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

  const answer = async (shown, response) => {
    // A further step of signing in, such as a new password, has a page of its own.
    if (response.redirected) location.assign(response.url);
    else if (response.status !== 200 && response.status !== 400) {
      refuse(shown, SAYS[response.status] ?? SAYS.failed);
    } else take(shown, await response.json());
  };

  const take = (shown, told) => {
    shown.querySelector("[name=password]").value = "";
    if (told.errors.length) refuse(shown, told.errors.join(" "));
    else if (told.person === null) location.assign(told.location);
    else if (told.person !== person) discard();
    else {
      shown.returnValue = "signed in";
      shown.close("signed in");
      goOn();
    }
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
    shown.querySelector(".error").hidden = true;
    shown.showModal();
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
