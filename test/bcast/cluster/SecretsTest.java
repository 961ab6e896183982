package bcast.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.cluster.net.secret.Secret;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SecretsTest {

    private static final String ONE = "11".repeat(Secret.MIN_BYTES);
    private static final String TWO = "22".repeat(Secret.MIN_BYTES);

    private static List<Secret> parse(String text) {
        return Secrets.parse(text.getBytes(StandardCharsets.UTF_8)).all();
    }

    private static String refused(String text) {
        String why = assertThrows(IllegalArgumentException.class, () -> parse(text)).getMessage();
        for (String part : text.split("\\s+")) {
            assertFalse(part.length() > 5 && why.contains(part), "it quotes the file: " + why);
        }
        return why;
    }

    @Test
    void hexAndBase64GiveTheSameSecret() {
        String base64 = Base64.getEncoder().encodeToString(HexFormat.of().parseHex(ONE));
        List<Secret> secrets = parse("# the one in use\n" + ONE + "\r\n\n  " + TWO + " \n");
        assertEquals(2, secrets.size());
        assertEquals(secrets.get(0), parse(base64).get(0));
        assertNotEquals(secrets.get(0), secrets.get(1));
        assertEquals(secrets.get(0).hashKey("a"), parse(base64).get(0).hashKey("a"));
        assertEquals("line 2 repeats a secret", refused(ONE + "\n" + base64));
        assertNotEquals(secrets.get(0).hashKey("a"), secrets.get(0).hashKey("b"));
        assertNotEquals(secrets.get(0).hashKey("a"), Secret.openHashKey("a"));
    }

    @Test
    void aNewSecretIsAccepted() {
        SecureRandom random = new SecureRandom();
        String line = Secrets.newLine(random);
        assertEquals(1, parse(line + "\n").size());
        assertNotEquals(parse(line), parse(Secrets.newLine(random)));
    }

    @Test
    void theTextOfASecretDoesNotShowIt() {
        Secret secret = parse(ONE).get(0);
        assertTrue(secret.toString().startsWith("bcast.cluster.net.secret.Secret@"));
        assertEquals("SipHash", secret.hashKey("a").toString());
    }

    @Test
    void secretsBeyondTheLimitsAreRefused() {
        assertEquals("line 1 is a secret of 31 bytes; it must have 32 or more, as bcast -newsecret "
                + "prints", refused(ONE.substring(2)));
        assertEquals(1, parse(ONE + "00").size());
        String three = "33".repeat(Secret.MIN_BYTES);
        assertEquals(Secrets.MAX_SECRETS, parse(String.join("\n", ONE, TWO, three)).size());
        assertEquals("4 secrets; there must be 1..3, one a line; bcast -newsecret prints one",
                refused(String.join("\n", ONE, TWO, three, "44".repeat(Secret.MIN_BYTES))));
        assertTrue(refused("# none\n").startsWith("0 secrets"));
        assertEquals("line 2 is neither hex nor base64", refused(ONE + "\nnot a secret at all!"));
    }
}
