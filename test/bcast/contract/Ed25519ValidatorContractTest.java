package bcast.contract;

import bcast.validator.Ed25519Validator;
import bcast.validator.Validator;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.Base64;
import java.util.List;

/** The validator that knows keys. */
final class Ed25519ValidatorContractTest extends ValidatorContract {

    private static final KeyPair KEYS = keys();

    private static KeyPair keys() {
        try {
            return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    protected Validator newValidator() {
        return new Ed25519Validator(() -> List.of(KEYS.getPublic()));
    }

    @Override
    protected String signature(String raw) throws Exception {
        Signature signature = Signature.getInstance("Ed25519");
        signature.initSign(KEYS.getPrivate());
        signature.update(raw.getBytes(StandardCharsets.UTF_8));
        return Base64.getEncoder().encodeToString(signature.sign());
    }
}
