// Trusted Types: markup may be set from strings (htmx puts parts of our own pages in place; the policy of content lets no
// script in it run), but nothing may become script or the address of a script. Browsers without Trusted Types ignore this.

if (window.trustedTypes?.createPolicy) {
  window.trustedTypes.createPolicy("default", { createHTML: (markup) => markup });
}
