package bcast.cluster.net.secret;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Encrypts one direction of a link by AES-256-GCM whose nonce is a counter, as in Noise. A message
 * that was changed, left out, repeated or moved cannot be decrypted.
 */
final class NoiseCipher {

    /** Bytes that encryption adds. */
    static final int TAG_BYTES = 16;

    private static final int NONCE_BYTES = 12;

    private final SecretKeySpec key;
    private final Cipher cipher;
    private long count;

    NoiseCipher(byte[] key) {
        this.key = new SecretKeySpec(key, "AES");
        try {
            this.cipher = Cipher.getInstance("AES/GCM/NoPadding");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has AES-GCM", e);
        }
    }

    private Cipher next(int mode) throws GeneralSecurityException {
        ByteBuffer nonce = ByteBuffer.allocate(NONCE_BYTES).putLong(NONCE_BYTES - Long.BYTES,
                count++);
        cipher.init(mode, key, new GCMParameterSpec(8 * TAG_BYTES, nonce.array()));
        return cipher;
    }

    byte[] seal(byte[] plain, byte[] associated) throws GeneralSecurityException {
        next(Cipher.ENCRYPT_MODE).updateAAD(associated);
        return cipher.doFinal(plain);
    }

    byte[] open(byte[] sealed, byte[] associated) throws GeneralSecurityException {
        next(Cipher.DECRYPT_MODE).updateAAD(associated);
        return cipher.doFinal(sealed);
    }

    /** Encrypts what remains in one buffer into another. */
    void seal(ByteBuffer plain, ByteBuffer sealed) throws GeneralSecurityException {
        next(Cipher.ENCRYPT_MODE).doFinal(plain, sealed);
    }

    /** Decrypts what remains in one buffer into another. */
    void open(ByteBuffer sealed, ByteBuffer plain) throws GeneralSecurityException {
        next(Cipher.DECRYPT_MODE).doFinal(sealed, plain);
    }
}
