// Starts Swagger UI on the documents that the page names. Requests are not sent from here: they have to be signed.
const root = document.querySelector('#docs');

window.SwaggerUIBundle({
  domNode: root,
  urls: JSON.parse(root.dataset.documents),
  presets: [window.SwaggerUIBundle.presets.apis, window.SwaggerUIStandalonePreset],
  layout: 'StandaloneLayout',
  supportedSubmitMethods: [],
  validatorUrl: null,
  deepLinking: true,
  defaultModelsExpandDepth: 0,
});
