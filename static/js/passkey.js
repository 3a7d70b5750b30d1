// A passkey is added or asked for: the browser's own dialogue, then the form goes as any other.
(() => {
  const SAYS = {
    NotAllowedError: "The browser did not go on: it was cancelled, or took too long. Try again.",
    InvalidStateError: "This passkey is here already.",
    SecurityError: "Passkeys work only at the address that the hospital has given, by https.",
  };
  const FAILED = "The passkey could not be used. Try again, or sign in another way.";

  const options = async (form) => {
    const written = form.querySelector("script[type='application/json']");
    if (written) return JSON.parse(written.textContent);
    const response = await fetch(form.action, { headers: { Accept: "application/json" } });
    if (!response.ok) throw new Error(response.status);
    return (await response.json()).request_options;
  };

  const create = (asked, form) => {
    const alone = form.elements.passwordless?.checked ?? false;
    const wanted = asked.publicKey.authenticatorSelection;
    wanted.residentKey = alone ? "required" : "discouraged";
    wanted.requireResidentKey = alone;
    if (alone) wanted.userVerification = "required";
    return webauthnJSON.create(asked);
  };

  const say = (form, sentence) => {
    const error = form.querySelector(".error[role=alert]");
    error.textContent = sentence;
    error.hidden = !sentence;
  };

  // The form is filled in; false: it is not, and says why.
  const fill = async (form) => {
    say(form, "");
    try {
      const asked = await options(form);
      const key = form.dataset.passkey === "create" ? await create(asked, form) : await webauthnJSON.get(asked);
      form.elements.credential.value = JSON.stringify(key);
      return true;
    } catch (error) {
      say(form, SAYS[error.name] ?? FAILED);
      return false;
    }
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const button = form.querySelector("[data-ask]");
    form.querySelector("[data-without]").hidden = true;
    button.hidden = !webauthnJSON.supported();
    if (button.hidden) say(form, "This browser has no passkeys.");
    const go = async () => {
      if (await fill(form)) form.submit();
    };
    button.addEventListener("click", go);
    // Enter in a field presses the button, which alone fills the form.
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      go();
    });
  }
})();
