package bcast.cluster.net.secret;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.interfaces.XECPublicKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.XECPublicKeySpec;
import java.util.Arrays;
import java.util.function.Supplier;
import javax.crypto.KeyAgreement;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * One side of a handshake {@code Noise_NNpsk0_25519_AESGCM_SHA256} (Perrin, The Noise Protocol
 * Framework, revision 34): two messages prove to each side that the other has the secret, and agree
 * on keys that cannot be computed from the messages by anyone else, even if the secret leaks later.
 */
final class Noise {

    /** Length of a handshake message without payload in bytes. */
    static final int MESSAGE_BYTES = 48;

    /** Length of a key of X25519, and of the secret. */
    private static final int KEY_BYTES = 32;
    private static final byte[] NAME =
            "Noise_NNpsk0_25519_AESGCM_SHA256".getBytes(StandardCharsets.US_ASCII);

    private final boolean initiator;
    private final Supplier<KeyPair> keys;
    private KeyPair own;
    /** Equal on both sides, and different for each handshake. */
    byte[] hash = NAME;
    private byte[] chaining = NAME;
    private NoiseCipher cipher;
    private byte[] theirs;
    /** Encrypts what this side sends; null before both messages were handled. */
    NoiseCipher sending;
    /** Decrypts what the other side sends; null before both messages were handled. */
    NoiseCipher receiving;

    /**
     * A handshake before its first message.
     *
     * @param initiator whether this side sends first
     * @param prologue text that must be the same on both sides
     * @param secret the shared secret of 32 bytes
     * @param keys makes a fresh key pair; called once, when it is needed
     */
    Noise(boolean initiator, byte[] prologue, byte[] secret, Supplier<KeyPair> keys) {
        if (secret.length != KEY_BYTES) {
            throw new IllegalArgumentException("a secret of " + secret.length + " bytes");
        }
        this.initiator = initiator;
        this.keys = keys;
        mixHash(prologue);
        mixKeyAndHash(secret);
    }

    static KeyPair newKeyPair(SecureRandom random) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("X25519");
            generator.initialize(NamedParameterSpec.X25519, random);
            return generator.generateKeyPair();
        } catch (NoSuchAlgorithmException | InvalidAlgorithmParameterException e) {
            throw new IllegalStateException("this Java lacks X25519, see jdk.crypto.ec", e);
        }
    }

    /** Makes this side's message. */
    byte[] write(byte[] payload) throws GeneralSecurityException {
        own = keys.get();
        byte[] key = bytes(own.getPublic());
        mixEphemeral(key);
        if (!initiator) {
            mixKey(agree(own.getPrivate(), theirs));
        }
        byte[] sealed = cipher.seal(payload, hash);
        mixHash(sealed);
        byte[] message = Arrays.copyOf(key, key.length + sealed.length);
        System.arraycopy(sealed, 0, message, key.length, sealed.length);
        if (!initiator) {
            split();
        }
        return message;
    }

    /**
     * Reads the other side's message. Returns its payload.
     *
     * @throws GeneralSecurityException if it was not made with the same secret, or was changed
     */
    byte[] read(byte[] message) throws GeneralSecurityException {
        if (message.length < MESSAGE_BYTES) {
            throw new GeneralSecurityException("a message of " + message.length + " bytes");
        }
        theirs = Arrays.copyOf(message, KEY_BYTES);
        mixEphemeral(theirs);
        if (initiator) {
            mixKey(agree(own.getPrivate(), theirs));
        }
        byte[] sealed = Arrays.copyOfRange(message, KEY_BYTES, message.length);
        byte[] payload = cipher.open(sealed, hash);
        mixHash(sealed);
        if (initiator) {
            split();
        }
        return payload;
    }

    // ---- operations of the framework, by its names

    private void mixHash(byte[] data) {
        MessageDigest digest = sha256();
        digest.update(hash);
        hash = digest.digest(data);
    }

    private void mixEphemeral(byte[] key) {
        mixHash(key);
        mixKey(key);
    }

    private void mixKey(byte[] material) {
        byte[][] keys = derive(chaining, material, 2);
        chaining = keys[0];
        cipher = new NoiseCipher(keys[1]);
    }

    private void mixKeyAndHash(byte[] material) {
        byte[][] keys = derive(chaining, material, 3);
        chaining = keys[0];
        mixHash(keys[1]);
        cipher = new NoiseCipher(keys[2]);
    }

    private void split() {
        byte[][] keys = derive(chaining, new byte[0], 2);
        sending = new NoiseCipher(keys[initiator ? 0 : 1]);
        receiving = new NoiseCipher(keys[initiator ? 1 : 0]);
    }

    // ---- primitives

    /** X25519 (RFC 7748). A key of small order is refused. */
    static byte[] agree(PrivateKey own, byte[] theirs) throws GeneralSecurityException {
        byte[] bigEndian = reversed(theirs);
        // RFC 7748: the highest bit is ignored.
        bigEndian[0] &= 0x7f;
        PublicKey key = KeyFactory.getInstance("X25519").generatePublic(new XECPublicKeySpec(
                NamedParameterSpec.X25519, new BigInteger(1, bigEndian)));
        KeyAgreement agreement = KeyAgreement.getInstance("X25519");
        agreement.init(own);
        agreement.doPhase(key, true);
        return agreement.generateSecret();
    }

    private static byte[] bytes(PublicKey key) {
        // Its highest bytes may be left out, or be preceded by a zero.
        return Arrays.copyOf(reversed(((XECPublicKey) key).getU().toByteArray()), KEY_BYTES);
    }

    private static byte[] reversed(byte[] bytes) {
        byte[] reversed = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            reversed[i] = bytes[bytes.length - 1 - i];
        }
        return reversed;
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** HMAC-SHA-256 (RFC 2104). */
    static Mac mac(byte[] key) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HMAC-SHA-256", e);
        }
    }

    /** HKDF (RFC 5869) as the framework uses it. */
    private static byte[][] derive(byte[] chaining, byte[] material, int count) {
        Mac mac = mac(mac(chaining).doFinal(material));
        byte[][] derived = new byte[count][];
        byte[] last = new byte[0];
        for (int i = 0; i < count; i++) {
            mac.update(last);
            mac.update((byte) (i + 1));
            last = mac.doFinal();
            derived[i] = last;
        }
        return derived;
    }
}
