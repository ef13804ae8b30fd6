<?php
// Signs two requests with PHP 8 alone. Usage: php signer.php ORIGIN KEY_ID KEY_FILE
// KEY_FILE is an Ed25519 private key (PKCS #8 PEM; needs sodium, which PHP brings), or a file with the base64 of a
// shared secret.
declare(strict_types=1);

/** A function from text to the bytes of its signature. */
function loadSigner(string $path): Closure
{
    $material = trim(file_get_contents($path));
    if (str_contains($material, 'BEGIN PRIVATE KEY')) {
        $der = base64_decode(preg_replace('/-----[^-]+-----|\s/', '', $material), true);
        // RFC 8410: the last 32 bytes of the file are the seed of the key.
        $key = sodium_crypto_sign_secretkey(sodium_crypto_sign_seed_keypair(substr($der, -32)));
        return fn (string $text): string => sodium_crypto_sign_detached($text, $key);
    }
    $secret = base64_decode($material, true);
    return fn (string $text): string => hash_hmac('sha256', $text, $secret, true);
}

/** Header fields to send; $target is path and query as they are sent, $body the very bytes, or null. */
function signedHeaders(string $method, string $authority, string $target, ?string $body, string $keyId, Closure $sign): array
{
    $parts = explode('?', $target, 2);
    $lines = ['@method' => $method, '@authority' => $authority, '@path' => $parts[0]];
    $headers = [];
    if (count($parts) === 2) {
        $lines['@query'] = "?$parts[1]";
    }
    if ($body !== null) {
        $headers['Content-Type'] = $lines['content-type'] = 'application/json';
        $digest = 'sha-256=:' . base64_encode(hash('sha256', $body, true)) . ':';
        $headers['Content-Digest'] = $lines['content-digest'] = $digest;
    }
    $components = implode(' ', array_map(fn (string $name): string => "\"$name\"", array_keys($lines)));
    $created = time();
    $expires = $created + 300;
    $nonce = bin2hex(random_bytes(16)); // a new one for every attempt, also for a retry
    $parameters = "($components);created=$created;expires=$expires;nonce=\"$nonce\";keyid=\"$keyId\";tag=\"sluice\"";
    $lines['@signature-params'] = $parameters;
    // Joined by line feeds, and none at the end.
    $base = implode("\n", array_map(fn ($name, $value) => "\"$name\": $value", array_keys($lines), $lines));
    $headers['Signature-Input'] = "sig=$parameters";
    $headers['Signature'] = 'sig=:' . base64_encode($sign($base)) . ':';
    return $headers;
}

function send(string $origin, string $method, string $target, ?string $body, string $keyId, Closure $sign): bool
{
    $authority = strtolower(preg_replace('#^https?://#', '', $origin));
    $headers = signedHeaders($method, $authority, $target, $body, $keyId, $sign);
    $lines = array_map(fn ($name, $value) => "$name: $value", array_keys($headers), $headers);
    $options = ['method' => $method, 'header' => $lines, 'content' => $body ?? '', 'ignore_errors' => true];
    $answer = file_get_contents($origin . $target, false, stream_context_create(['http' => $options]));
    $status = (int) explode(' ', $http_response_header[0])[1];
    echo "$method $target $status\n$answer\n";
    return $status >= 200 && $status < 300;
}

[, $origin, $keyId, $keyFile] = $argv;
$sign = loadSigner($keyFile);
$precheck = '{"product_id":"quick-cash","subject":{"phone":{"md5":"7945bd83237335e5376ff44d62e4f0ae"}}}';
$read = send($origin, 'GET', '/v1/products?sort=amount', null, $keyId, $sign);
$asked = send($origin, 'POST', '/v1/prechecks', $precheck, $keyId, $sign);
exit($read && $asked ? 0 : 1);
