// Passkeys: the page's form asks the server what to ask for, the browser asks the person, and
// the form carries the answer. Where a browser has none, the page says what else there is.

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
const text = (buffer) =>
  buffer && btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');

for (const form of document.querySelectorAll('form[data-passkey]')) {
  const beside = (name) => form.parentElement.querySelector(`[data-passkey-${name}]`);
  if (!window.PublicKeyCredential) beside('none').hidden = false;
  else if (!belongs(form.dataset.site)) elsewhere(beside('elsewhere'), form.dataset.site);
  else form.hidden = false;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    answer(form);
  });
}

function belongs(site) {
  return location.hostname === site || location.hostname.endsWith(`.${site}`);
}

// The same pages have another name, under which browsers make passkeys.
function elsewhere(line, site) {
  const there = new URL('/signin', location.href);
  there.hostname = site;
  line.querySelector('a').href = there.href;
  line.hidden = false;
}

async function answer(form) {
  const said = form.querySelector('[data-said]');
  const button = form.querySelector('button');
  said.hidden = true;
  button.disabled = true;
  try {
    const asked = await fetch(form.dataset.ask, { method: 'POST', cache: 'no-store', credentials: 'same-origin' });
    if (!asked.ok) throw new Error(`the server answered ${asked.status}`);
    const { ticket, options } = await asked.json();
    const key = form.dataset.passkey === 'create'
      ? await navigator.credentials.create({ publicKey: toMake(options) })
      : await navigator.credentials.get({ publicKey: toUse(options) });
    form.elements.ticket.value = ticket;
    form.elements.response.value = JSON.stringify(toSend(key));
    form.submit();
  } catch (error) {
    // A person who changes their mind, or waits too long, is no failure of anything.
    said.textContent = error.name === 'NotAllowedError' || error.name === 'AbortError' ? said.dataset.refused : said.dataset.failed;
    said.hidden = false;
    button.disabled = false;
  }
}

const known = (list) => (list ?? []).map((c) => ({ ...c, id: bytes(c.id) }));

function toMake(o) {
  return { ...o, challenge: bytes(o.challenge), user: { ...o.user, id: bytes(o.user.id) }, excludeCredentials: known(o.excludeCredentials) };
}

function toUse(o) {
  return { ...o, challenge: bytes(o.challenge), allowCredentials: known(o.allowCredentials) };
}

// toSend is a browser's answer as the server reads it.
function toSend(key) {
  const { response: r } = key;
  return {
    id: key.id,
    rawId: text(key.rawId),
    type: key.type,
    authenticatorAttachment: key.authenticatorAttachment ?? undefined,
    clientExtensionResults: key.getClientExtensionResults(),
    response: {
      clientDataJSON: text(r.clientDataJSON),
      attestationObject: text(r.attestationObject),
      transports: r.getTransports?.(),
      authenticatorData: text(r.authenticatorData),
      signature: text(r.signature),
      userHandle: text(r.userHandle) ?? undefined,
    },
  };
}
