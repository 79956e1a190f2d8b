// Asks the browser's passkeys what a form needs of them, and sends the form on. Nothing else: without
// this script, files and commands do the same, and the page says so.
"use strict";
(() => {
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => {
    const binary = Array.from(new Uint8Array(buffer), (b) => String.fromCharCode(b)).join("");
    return btoa(binary).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  };

  async function create(form) {
    const made = await navigator.credentials.create({
      publicKey: {
        rp: { name: form.dataset.site },
        user: {
          id: bytes(form.dataset.user),
          name: form.dataset.name || "kanae",
          displayName: form.dataset.name || "kanae",
        },
        challenge: bytes(form.dataset.challenge),
        pubKeyCredParams: [{ type: "public-key", alg: -7 }],
        authenticatorSelection: { residentKey: "required", userVerification: "required" },
        attestation: "none",
      },
    });
    form.elements.credential.value = text(made.rawId);
    form.elements.spki.value = text(made.response.getPublicKey());
    return [{ type: "public-key", id: made.rawId }];
  }

  async function answer(form, allowed) {
    const given = await navigator.credentials.get({
      publicKey: {
        challenge: bytes(form.dataset.challenge),
        allowCredentials: allowed,
        userVerification: "required",
      },
    });
    form.elements.credential.value = text(given.rawId);
    form.elements.authenticator_data.value = text(given.response.authenticatorData);
    form.elements.client_data.value = text(given.response.clientDataJSON);
    form.elements.signature.value = text(given.response.signature);
  }

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    if (!window.PublicKeyCredential) continue;
    for (const part of form.querySelectorAll("[data-script]")) part.hidden = false;
    for (const part of form.querySelectorAll("[data-no-script]")) part.hidden = true;
    form.addEventListener("submit", async (event) => {
      if (form.elements.signature.value) return;
      event.preventDefault();
      const problem = form.querySelector("[data-problem]");
      problem.hidden = true;
      if (!form.reportValidity()) return;
      try {
        const listed = (form.dataset.allow || "").split(" ").filter(Boolean);
        let allowed = listed.map((id) => ({ type: "public-key", id: bytes(id) }));
        // A new passkey proves at once that it is in hand.
        if (form.dataset.passkey === "create") allowed = await create(form);
        await answer(form, allowed);
        form.submit();
      } catch (error) {
        problem.textContent = `${form.dataset.failed} (${error.name})`;
        problem.hidden = false;
        problem.focus();
      }
    });
  }
})();
