import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Asks what the city already holds for a case, then fetches some of it. JDK 17, nothing else.
 *
 * <pre>ZQ_URL=… ZQ_KEY=… ZQ_OPERATOR=… java CheckAndFetch.java CASE-ID MATERIAL…</pre>
 *
 * Leaves check.json and fetch.json: each is the answer with its receipt, ready for `zhengqiao verify`.
 */
public final class CheckAndFetch {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Base64.Encoder BASE64 = Base64.getEncoder();
  private static final Base64.Encoder BASE64_URL = Base64.getUrlEncoder().withoutPadding();

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();
  private final String url;
  private final String operator;
  private final PrivateKey key;
  private final String keyId;

  private CheckAndFetch(String url, Path keyFolder, String operator) throws Exception {
    this.url = url;
    this.operator = operator;
    String pem = Files.readString(keyFolder.resolve("key.pem")).replaceAll("-----[^-]+-----|\\s", "");
    byte[] pkcs8 = Base64.getDecoder().decode(pem);
    this.key = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
    try (var file = Files.newInputStream(keyFolder.resolve("cert.pem"))) {
      byte[] der = CertificateFactory.getInstance("X.509").generateCertificate(file).getEncoded();
      this.keyId = BASE64_URL.encodeToString(sha256(der));
    }
  }

  public static void main(String[] args) throws Exception {
    var client =
        new CheckAndFetch(
            System.getenv("ZQ_URL"),
            Path.of(System.getenv("ZQ_KEY")),
            System.getenv("ZQ_OPERATOR"));
    String path = "/v1/cases/" + args[0];
    String materials =
        Arrays.stream(args).skip(1).map(code -> "{\"code\":\"" + code + "\"}").collect(Collectors.joining(","));
    client.keep("check.json", client.post(path + "/checks", "{}"));
    client.keep("fetch.json", client.post(path + "/fetches", "{\"materials\":[" + materials + "]}"));
  }

  private void keep(String file, String answer) throws IOException {
    Files.writeString(Path.of(file), answer);
    int at = answer.indexOf("\"receipt\":{\"no\":\"") + 17;
    System.out.println(file + "  receipt " + answer.substring(at, at + 13));
  }

  /**
   * Repeats after a lost connection with the same idempotency key and a fresh signature, so that nothing
   * is done twice. The `code` of a problem never changes; its `detail` says what to do.
   */
  private String post(String path, String json) throws Exception {
    String idempotencyKey = BASE64_URL.encodeToString(random(18));
    for (int attempt = 1; ; attempt++) {
      try {
        var request = signed("POST", path, json.getBytes(StandardCharsets.UTF_8), idempotencyKey);
        var answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() / 100 == 2) return answer.body();
        System.err.println(answer.body());
        System.exit(1);
      } catch (IOException lost) {
        if (attempt == 3) throw lost;
        Thread.sleep(attempt * 1000L);
      }
    }
  }

  private HttpRequest signed(String method, String path, byte[] body, String idempotencyKey) throws Exception {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("content-type", "application/json");
    headers.put("content-digest", "sha-256=:" + BASE64.encodeToString(sha256(body)) + ":");
    headers.put("idempotency-key", idempotencyKey);
    if (operator != null) headers.put("zhengqiao-operator", operator);

    var names = new StringBuilder("\"@method\" \"@target-uri\"");
    var base = new StringBuilder("\"@method\": " + method + "\n\"@target-uri\": " + url + path + "\n");
    headers.forEach(
        (name, value) -> {
          names.append(" \"").append(name).append('"');
          base.append('"').append(name).append("\": ").append(value).append('\n');
        });
    String parameters =
        "(%s);created=%d;nonce=\"%s\";keyid=\"%s\";alg=\"ecdsa-p256-sha256\""
            .formatted(names, System.currentTimeMillis() / 1000, BASE64_URL.encodeToString(random(16)), keyId);
    base.append("\"@signature-params\": ").append(parameters);

    var signature = Signature.getInstance("SHA256withECDSAinP1363Format"); // r‖s, 64 bytes
    signature.initSign(key);
    signature.update(base.toString().getBytes(StandardCharsets.US_ASCII));
    headers.put("signature-input", "sig1=" + parameters);
    headers.put("signature", "sig1=:" + BASE64.encodeToString(signature.sign()) + ":");

    var request =
        HttpRequest.newBuilder(URI.create(url + path))
            .timeout(Duration.ofSeconds(60))
            .method(method, HttpRequest.BodyPublishers.ofByteArray(body));
    headers.forEach(request::header);
    return request.build();
  }

  private static byte[] sha256(byte[] bytes) throws Exception {
    return MessageDigest.getInstance("SHA-256").digest(bytes);
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    RANDOM.nextBytes(bytes);
    return bytes;
  }
}
