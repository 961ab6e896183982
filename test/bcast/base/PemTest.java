package bcast.base;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

final class PemTest {

    @Test
    void blocksAndTheTextBetweenThemAreTold() {
        for (String end : List.of("\n", "\r\n", "\r")) {
            Pem pem = Pem.of(String.join(end, "# a comment", "-----BEGIN A KEY-----", " AQID ",
                    "BA==", "-----END A KEY-----  ", "between",
                    "-----BEGIN B----- AQ== -----END B-----", ""));
            assertEquals(List.of("A KEY", "B"), pem.blocks().stream().map(Pem.Block::label)
                    .toList());
            assertArrayEquals(new byte[] {1, 2, 3, 4}, pem.blocks().get(0).bytes());
            assertArrayEquals(new byte[] {1}, pem.blocks().get(1).bytes());
            assertEquals(2, pem.blocks().get(0).line());
            assertEquals(7, pem.blocks().get(1).line());
            List<String> rest = pem.rest().lines().map(String::strip).toList();
            assertEquals("between", rest.get(5), "its number is that in the file");
        }
    }

    @Test
    void encryptedBlocksAreKnownInBothForms() {
        assertTrue(Pem.of("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"
                + "DEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n").blocks()
                .get(0).encrypted());
        assertTrue(Pem.of("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n"
                + "-----END ENCRYPTED PRIVATE KEY-----\n").blocks().get(0).encrypted());
        assertFalse(Pem.of("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
                .blocks().get(0).encrypted());
    }

    @Test
    void brokenBlocksSayWhere() {
        assertEquals("the CERTIFICATE at line 3 has no end", assertThrows(
                IllegalArgumentException.class, () -> Pem.of("\n\n-----BEGIN CERTIFICATE-----\n"
                + "AAAA\n-----END PRIVATE KEY-----\n")).getMessage());
        assertEquals("the PRIVATE KEY at line 2 is not base64", assertThrows(
                IllegalArgumentException.class, () -> Pem.of("\n-----BEGIN PRIVATE KEY-----\n"
                + "A?\n-----END PRIVATE KEY-----\n").blocks().get(0).bytes()).getMessage());
    }
}
