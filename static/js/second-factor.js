// Passkeys: what the server asks for in base64url, the browser wants as bytes, and its answer back the same way.

const bytes = (words) => Uint8Array.from(atob(words.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
const words = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");
const listed = (known) => (known ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

async function asked(kind, { publicKey }) {
  const options = { ...publicKey, challenge: bytes(publicKey.challenge) };
  if (kind === "create") {
    options.user = { ...options.user, id: bytes(options.user.id) };
    options.excludeCredentials = listed(options.excludeCredentials);
    return navigator.credentials.create({ publicKey: options });
  }
  options.allowCredentials = listed(options.allowCredentials);
  return navigator.credentials.get({ publicKey: options });
}

function told(credential) {
  const { id, rawId, type, response } = credential;
  const said = { clientDataJSON: words(response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) said[name] = words(response[name]);
  }
  const clientExtensionResults = credential.getClientExtensionResults();
  return JSON.stringify({ id, rawId: words(rawId), type, response: said, clientExtensionResults });
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) continue; // The form stays hidden, the codes beside it do.
  form.hidden = false;
  const trouble = form.querySelector("[role=alert]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    trouble.hidden = true;
    try {
      form.elements.credential.value = told(await asked(form.dataset.passkey, JSON.parse(form.dataset.options)));
      form.submit();
    } catch (error) {
      trouble.textContent = error.name === "InvalidStateError" ? "This device has one already." : "No passkey was used.";
      trouble.hidden = false;
    }
  });
}
