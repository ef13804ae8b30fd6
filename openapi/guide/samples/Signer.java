// Signs two requests with JDK 17 alone. Usage: java Signer.java ORIGIN KEY_ID KEY_FILE
// KEY_FILE is an Ed25519 private key (PKCS #8 PEM), or a file with the base64 of a shared secret.
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public class Signer {
    static final HttpClient CLIENT = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    static byte[] sign(byte[] data, String material) throws Exception {
        if (material.contains("BEGIN PRIVATE KEY")) {
            byte[] der = Base64.getDecoder().decode(material.replaceAll("-----[^-]+-----|\\s", ""));
            Signature signature = Signature.getInstance("Ed25519");
            signature.initSign(KeyFactory.getInstance("Ed25519").generatePrivate(new PKCS8EncodedKeySpec(der)));
            signature.update(data);
            return signature.sign();
        }
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(Base64.getDecoder().decode(material.strip()), "HmacSHA256"));
        return mac.doFinal(data);
    }

    /** Header fields to send; url as it is sent, body the very bytes (none for a GET). */
    static Map<String, String> signedHeaders(String method, URI url, byte[] body, String keyId, String material)
            throws Exception {
        Map<String, String> lines = new LinkedHashMap<>();
        Map<String, String> headers = new LinkedHashMap<>();
        lines.put("@method", method);
        lines.put("@authority", url.getAuthority().toLowerCase());
        lines.put("@path", url.getRawPath());
        if (url.getRawQuery() != null) lines.put("@query", "?" + url.getRawQuery());
        if (body.length > 0) {
            headers.put("Content-Type", "application/json");
            headers.put("Content-Digest", "sha-256=:" + base64(MessageDigest.getInstance("SHA-256").digest(body)) + ":");
            lines.put("content-type", headers.get("Content-Type"));
            lines.put("content-digest", headers.get("Content-Digest"));
        }
        byte[] nonce = new byte[16]; // a new one for every attempt, also for a retry
        new SecureRandom().nextBytes(nonce);
        long created = Instant.now().getEpochSecond();
        String parameters = "(\"" + String.join("\" \"", lines.keySet()) + "\");created=" + created
                + ";expires=" + (created + 300) + ";nonce=\"" + Base64.getUrlEncoder().encodeToString(nonce)
                + "\";keyid=\"" + keyId + "\";tag=\"sluice\"";
        lines.put("@signature-params", parameters);
        List<String> base = new ArrayList<>();
        lines.forEach((name, value) -> base.add("\"" + name + "\": " + value));
        byte[] text = String.join("\n", base).getBytes(StandardCharsets.US_ASCII); // no line feed at the end
        headers.put("Signature-Input", "sig=" + parameters);
        headers.put("Signature", "sig=:" + base64(sign(text, material)) + ":");
        return headers;
    }

    static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    static boolean send(String method, String origin, String target, String body, String keyId, String material)
            throws Exception {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        URI url = URI.create(origin + target);
        HttpRequest.Builder request = HttpRequest.newBuilder(url);
        request.method(method, bytes.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(bytes));
        signedHeaders(method, url, bytes, keyId, material).forEach(request::header);
        HttpResponse<String> answer = CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
        System.out.println(method + " " + target + " " + answer.statusCode() + "\n" + answer.body());
        return answer.statusCode() / 100 == 2;
    }

    public static void main(String[] args) throws Exception {
        String material = Files.readString(Path.of(args[2]));
        String precheck = "{\"product_id\":\"quick-cash\",\"subject\":{\"phone\":{\"md5\":\"7945bd83237335e5376ff44d62e4f0ae\"}}}";
        boolean read = send("GET", args[0], "/v1/products?sort=amount", "", args[1], material);
        boolean asked = send("POST", args[0], "/v1/prechecks", precheck, args[1], material);
        System.exit(read && asked ? 0 : 1);
    }
}
