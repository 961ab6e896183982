package bcast.cluster.net.secret;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.spec.NamedParameterSpec;
import java.security.spec.XECPrivateKeySpec;
import java.security.spec.XECPublicKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class NoiseTest {

    private static final byte[] NONE = {};
    private static final HexFormat HEX = HexFormat.of();

    /** The vector of cacophony for this protocol (public domain). */
    private static final byte[] PROLOGUE = HEX.parseHex("4a6f686e2047616c74");
    private static final byte[] SECRET = HEX.parseHex(
            "54686973206973206d7920417573747269616e20706572737065637469766521");
    private static final String INITIATOR =
            "893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a";
    private static final String RESPONDER =
            "bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b";
    private static final String HASH =
            "9f3b1f9afd7767767b5b9d1069844a6154fdbdcc36dfb3e31c0fffc5c973d530";
    private static final String[][] MESSAGES = {
        {"4c756477696720766f6e204d69736573",
            "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c7944"
            + "7c37a89fc17813788d30df2d59501d6066f5f8aecc3406bbd9829f2d24a531b1"},
        {"4d757272617920526f746862617264",
            "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f144808843"
            + "2f29d79368ef9de4e1ae7a362fb05bf0ad668e026bf5714554497b3a720461"},
        {"462e20412e20486179656b",
            "7c01e898a6201f36aecee532e29cd0b7f8ffa29d3366ad0dce39a6"},
        {"4361726c204d656e676572",
            "a9ff535aace3db6a1da1a7fb00fe2de2622bb373abad9fb42c00e0"},
        {"4a65616e2d426170746973746520536179",
            "6cfc49a3e65472edc2d0152abe5ce950170a8a47c959f30bd48b5f0aacf29adbfd"},
        {"457567656e2042f6686d20766f6e2042617765726b",
            "9bc86e6d974ed21ba04604a94aa68de21677eb409ead070c0cd569b069ee19ba142aa4c1a9"}};

    private final SecureRandom random = new SecureRandom();

    /** A key pair of a private key: its public key is what it agrees on with the base point. */
    private static KeyPair pair(String hex) throws GeneralSecurityException {
        KeyFactory keys = KeyFactory.getInstance("X25519");
        PrivateKey own = keys.generatePrivate(new XECPrivateKeySpec(NamedParameterSpec.X25519,
                HEX.parseHex(hex)));
        byte[] base = new byte[32];
        base[0] = 9;
        byte[] littleEndian = Noise.agree(own, base);
        byte[] bigEndian = new byte[32];
        for (int i = 0; i < 32; i++) {
            bigEndian[i] = littleEndian[31 - i];
        }
        return new KeyPair(keys.generatePublic(new XECPublicKeySpec(NamedParameterSpec.X25519,
                new BigInteger(1, bigEndian))), own);
    }

    @Test
    void theVectorOfAThirdPartyIsMet() throws Exception {
        KeyPair first = pair(INITIATOR);
        KeyPair second = pair(RESPONDER);
        Noise initiator = new Noise(true, PROLOGUE, SECRET, () -> first);
        Noise responder = new Noise(false, PROLOGUE, SECRET, () -> second);
        for (int i = 0; i < MESSAGES.length; i++) {
            Noise from = i % 2 == 0 ? initiator : responder;
            Noise to = i % 2 == 0 ? responder : initiator;
            byte[] payload = HEX.parseHex(MESSAGES[i][0]);
            byte[] sealed = i < 2 ? from.write(payload) : from.sending.seal(payload, NONE);
            assertEquals(MESSAGES[i][1], HEX.formatHex(sealed), "message " + i);
            assertArrayEquals(payload, i < 2 ? to.read(sealed)
                    : to.receiving.open(sealed, NONE));
        }
        assertEquals(HASH, HEX.formatHex(initiator.hash));
        assertEquals(HASH, HEX.formatHex(responder.hash));
    }

    private Noise side(boolean initiator, byte[] secret) {
        return new Noise(initiator, PROLOGUE, secret, () -> Noise.newKeyPair(random));
    }

    @Test
    void aHandshakeWithAnotherSecretFails() throws Exception {
        byte[] wrong = SECRET.clone();
        wrong[31] ^= 1;
        byte[] first = side(true, wrong).write(NONE);
        assertEquals(Noise.MESSAGE_BYTES, first.length);
        assertThrows(GeneralSecurityException.class, () -> side(false, SECRET).read(first));
        Noise other = new Noise(false, "other".getBytes(StandardCharsets.US_ASCII), SECRET,
                () -> Noise.newKeyPair(random));
        assertThrows(GeneralSecurityException.class,
                () -> other.read(side(true, SECRET).write(NONE)));
        assertThrows(IllegalArgumentException.class, () -> side(true, new byte[31]));
    }

    @Test
    void aReplayedFirstMessageLeadsToNoKeys() throws Exception {
        Noise genuine = side(true, SECRET);
        byte[] first = genuine.write(NONE);
        Noise once = side(false, SECRET);
        once.read(first);
        Noise again = side(false, SECRET);
        again.read(first);
        genuine.read(once.write(NONE));
        again.write(NONE);
        byte[] sealed = genuine.sending.seal(SECRET, NONE);
        assertThrows(GeneralSecurityException.class, () -> again.receiving.open(sealed, NONE));
    }

    @Test
    void aMessageReflectedToItsSenderIsRefused() throws Exception {
        Noise initiator = side(true, SECRET);
        byte[] first = initiator.write(NONE);
        assertThrows(GeneralSecurityException.class, () -> initiator.read(first));
    }

    @Test
    void changedRepeatedAndMissingMessagesCannotBeDecrypted() throws Exception {
        Random chance = new Random(5);
        Noise initiator = side(true, SECRET);
        Noise responder = side(false, SECRET);
        responder.read(initiator.write(NONE));
        initiator.read(responder.write(NONE));
        byte[] one = initiator.sending.seal(SECRET, NONE);
        byte[] two = initiator.sending.seal(SECRET, NONE);
        assertArrayEquals(SECRET, responder.receiving.open(one, NONE));
        byte[] changed = two.clone();
        changed[chance.nextInt(changed.length)] ^= 4;
        assertThrows(GeneralSecurityException.class,
                () -> responder.receiving.open(changed, NONE));
        assertThrows(GeneralSecurityException.class, () -> responder.receiving.open(two, NONE),
                "its turn has passed");
    }

    @Test
    void tenThousandRandomMessagesAreRefused() throws Exception {
        Random chance = new Random(7);
        byte[] sound = side(true, SECRET).write(NONE);
        KeyPair own = Noise.newKeyPair(random);
        for (int i = 0; i < 10_000; i++) {
            byte[] message = i % 3 == 0 ? new byte[chance.nextInt(100)] : sound.clone();
            if (i % 3 == 0) {
                chance.nextBytes(message);
            } else if (i % 3 == 1) {
                message[chance.nextInt(message.length)] ^= (byte) (1 + chance.nextInt(255));
            } else {
                message = Arrays.copyOf(message, chance.nextInt(message.length));
            }
            byte[] bad = message;
            assertThrows(GeneralSecurityException.class,
                    () -> new Noise(false, PROLOGUE, SECRET, () -> own).read(bad));
        }
    }

    @Test
    void keysOfSmallOrderAreRefused() throws Exception {
        Noise initiator = side(true, SECRET);
        initiator.write(NONE);
        byte[] zero = new byte[Noise.MESSAGE_BYTES];
        assertThrows(GeneralSecurityException.class, () -> initiator.read(zero));
    }
}
