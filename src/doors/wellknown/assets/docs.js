// Starts Swagger UI on the document that the page names. Requests are not sent from here: they have to be signed.
const root = document.querySelector('#docs');

/** The button beside the operations opens an explanation, so it says that. */
const explainAuthorization = ({ React }) => ({
  wrapComponents: {
    authorizeBtn:
      () =>
      ({ showPopup, onClick, getComponent }) => {
        const Popup = getComponent('authorizationPopup', true);
        const attributes = { type: 'button', className: 'btn authorize', onClick };
        const button = React.createElement('button', attributes, root.dataset.authorize);
        return React.createElement(
          'div',
          { className: 'auth-wrapper' },
          button,
          showPopup && React.createElement(Popup),
        );
      },
  },
});

window.SwaggerUIBundle({
  domNode: root,
  url: root.dataset.document,
  presets: [window.SwaggerUIBundle.presets.apis],
  plugins: [explainAuthorization],
  layout: 'BaseLayout',
  supportedSubmitMethods: [],
  validatorUrl: null,
  deepLinking: true,
  defaultModelsExpandDepth: 0,
});
