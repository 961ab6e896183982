package bcast.validator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bcast.data.Data;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class Ed25519ValidatorTest {

    /** RFC 8032, section 7.1, test 2: one byte, 0x72. */
    private static final String KEY =
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
    private static final String SIGNATURE =
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
    private static final HexFormat HEX = HexFormat.of();

    @TempDir
    Path dir;

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static List<PublicKey> keys(String text) {
        return Ed25519Validator.keys(text.getBytes(StandardCharsets.UTF_8));
    }

    private static final Validator TRUSTING = new Ed25519Validator(
            () -> keys("# a comment\n\n" + base64(HEX.parseHex(KEY)) + "\n"));

    private static Validator.Verdict check(Validator by, String raw, String signature) {
        return by.check(Data.of("id", raw, signature, 0));
    }

    @Test
    void aSignatureInEitherFormIsStoredInOne() {
        Data canonical = Data.of("id", "r", SIGNATURE, 0);
        for (String form : List.of(SIGNATURE, SIGNATURE.toUpperCase(Locale.ROOT),
                base64(HEX.parseHex(SIGNATURE)))) {
            assertEquals(new Validator.Verdict.Valid(canonical), check(TRUSTING, "r", form));
        }
        assertEquals("ed25519", TRUSTING.name());
    }

    @Test
    void anythingElseIsNotTrusted() {
        byte[] signature = HEX.parseHex(SIGNATURE);
        for (int bit = 0; bit < 8 * signature.length; bit++) {
            byte[] changed = signature.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            assertInstanceOf(Validator.Verdict.Untrusted.class,
                    check(TRUSTING, "r", HEX.formatHex(changed)));
        }
        assertInstanceOf(Validator.Verdict.Untrusted.class, check(TRUSTING, "s", SIGNATURE));
        assertInstanceOf(Validator.Verdict.Untrusted.class, check(TRUSTING, "rr", SIGNATURE));
        for (String form : List.of("x", SIGNATURE.substring(2), SIGNATURE + "00",
                base64(Arrays.copyOf(signature, 63)), "z".repeat(128))) {
            assertEquals(new Validator.Verdict.Invalid(
                    "signature is not 64 bytes in hex or base64"), check(TRUSTING, "r", form));
        }
    }

    @Test
    void filesThatHoldNoKeysSayWhy() {
        String key = base64(HEX.parseHex(KEY)) + "\n";
        String[][] cases = {{"", "it is empty"}, {"# none", "0 keys; expected 1..16"},
            {key.repeat(17), "17 keys; expected 1..16"},
            {"# one\n???\n", "line 2 is not base64"},
            {"AAAA\n", "line 1 is a key of 3 bytes; expected 32"},
            {"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "line 1 begins a "
                + "PRIVATE KEY; use a PUBLIC KEY, as openssl pkey -in KEY -pubout writes it"},
            {"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
                "line 1 is not a key of Ed25519"},
            {key + "-----BEGIN PUBLIC KEY-----\n", "the PUBLIC KEY at line 2 has no end"}};
        for (String[] each : cases) {
            assertEquals(each[1], assertThrows(IllegalArgumentException.class,
                    () -> keys(each[0])).getMessage());
        }
        assertEquals(16, keys(key.repeat(16)).size());
    }

    private void openssl(String... words) throws Exception {
        String[] command = new String[words.length + 1];
        command[0] = "openssl";
        System.arraycopy(words, 0, command, 1, words.length);
        Process process = new ProcessBuilder(command).directory(dir.toFile())
                .redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(),
                StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
    }

    @Test
    void whatOpensslSignsIsAccepted() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/openssl")), "needs openssl");
        Files.writeString(dir.resolve("raw"), "news, größer als ASCII");
        StringBuilder trusted = new StringBuilder(base64(HEX.parseHex(KEY)) + "\n");
        for (int i = 0; i < 2; i++) {
            openssl("genpkey", "-algorithm", "ed25519", "-out", "key");
            openssl("pkey", "-in", "key", "-pubout", "-out", "public");
            trusted.append(Files.readString(dir.resolve("public")));
        }
        openssl("pkeyutl", "-sign", "-rawin", "-inkey", "key", "-in", "raw", "-out", "signature");
        byte[] signature = Files.readAllBytes(dir.resolve("signature"));
        Validator validator = new Ed25519Validator(() -> keys(trusted.toString()));
        String raw = Files.readString(dir.resolve("raw"));
        assertInstanceOf(Validator.Verdict.Valid.class,
                check(validator, raw, base64(signature)));
        assertInstanceOf(Validator.Verdict.Untrusted.class,
                check(TRUSTING, raw, base64(signature)), "signed by another key");
        for (int i = 0; i < raw.length(); i++) {
            String changed = raw.substring(0, i) + "~" + raw.substring(i + 1);
            assertInstanceOf(Validator.Verdict.Untrusted.class,
                    check(validator, changed, base64(signature)));
        }
        assertTrue(keys(trusted.toString()).size() == 3);
    }
}
