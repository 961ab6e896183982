package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.cluster.gossip.repair.RepairCounts;
import bcast.testing.Await;
import bcast.testing.Measured;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that trust other keys than their peers, for a while. */
final class KeysDifferTest {

    private static final int NEWS = 40;

    @TempDir
    private Path dir;

    private Path keys(String name, KeyPair... pairs) throws Exception {
        StringBuilder pem = new StringBuilder();
        for (KeyPair pair : pairs) {
            pem.append("-----BEGIN PUBLIC KEY-----\n")
                    .append(Base64.getEncoder().encodeToString(pair.getPublic().getEncoded()))
                    .append("\n-----END PUBLIC KEY-----\n");
        }
        Path next = Files.writeString(dir.resolve("next"), pem);
        return Files.move(next, dir.resolve(name), StandardCopyOption.REPLACE_EXISTING);
    }

    private static String signed(String id, KeyPair pair) throws GeneralSecurityException {
        Signature signer = Signature.getInstance("Ed25519");
        signer.initSign(pair.getPrivate());
        signer.update(id.getBytes(StandardCharsets.US_ASCII));
        return "{\"id\":\"" + id + "\",\"raw\":\"" + id + "\",\"signature\":\""
                + Base64.getEncoder().encodeToString(signer.sign()) + "\"}";
    }

    @Test
    void newsByAKeyThatComesLaterComesLater() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
        KeyPair first = generator.generateKeyPair();
        KeyPair second = generator.generateKeyPair();
        Path less = keys("less", first);
        try (TestNode a = TestNode.alone("-validator=ed25519:" + keys("all", first, second),
                        "-interval=1s");
                TestNode b = TestNode.alone("-validator=ed25519:" + less, "-interval=1s",
                        "-peers=127.0.0.1:" + a.node.peers().port())) {
            Await.until("they are linked", 10, () -> a.node.peers().peers() == 1);
            // More than a peer may send that are invalid.
            for (int i = 0; i < NEWS; i++) {
                assertEquals(200, a.client.send("POST", "/postNewData", signed("second" + i,
                        second)).statusCode());
            }
            assertEquals(200, a.client.send("POST", "/postNewData", signed("first", first))
                    .statusCode());
            Await.until("what it trusts is there", 10, () -> b.client.count() == 1);
            String untrusted =
                    "bcast_records_refused_total{from=\"peer\",reason=\"untrusted\"}";
            Await.until("the rest was looked at", 10, () ->
                    Measured.of(b.counters(), untrusted) >= NEWS);
            long rounds = b.counters().get(RepairCounts.ROUNDS);
            double refused = Measured.of(b.counters(), untrusted);
            Await.until("rounds go on", 10, () ->
                    b.counters().get(RepairCounts.ROUNDS) > rounds + 1);
            assertTrue(Measured.of(b.counters(), untrusted) <= refused + NEWS, "and do not ask for "
                    + "what was refused, but for what was on its way");
            assertEquals(0, Measured.of(b.counters(),
                    "bcast_links_closed_total{reason=\"faults\"}"));
            keys("less", first, second);
            Await.until("all is there once it knows the key", 20, () ->
                    b.client.count() == NEWS + 1);
            assertEquals(a.client.list(), b.client.list());
        }
    }

    @Test
    void nodesOfOtherRulesRefuseEachOther() throws Exception {
        KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        try (TestNode a = TestNode.alone();
                TestNode b = TestNode.alone("-validator=ed25519:" + keys("keys", pair),
                        "-peers=127.0.0.1:" + a.node.peers().port())) {
            Await.until("both say why", 10, () ->
                    a.log.stream().anyMatch(line -> line.contains(
                            "validator differs: ours md5, theirs ed25519"))
                    && b.log.stream().anyMatch(line -> line.contains(
                            "validator differs: ours ed25519, theirs md5")));
            assertEquals(0, a.node.peers().peers());
        }
    }
}
