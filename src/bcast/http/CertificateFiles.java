package bcast.http;

import bcast.base.FileText;
import bcast.base.Pem;
import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.security.interfaces.RSAKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Reads certificates and their key from files as tools write them: blocks in any order, text
 * between them, and both in one file.
 */
public final class CertificateFiles {

    private static final Set<String> CERTIFICATE = Set.of("CERTIFICATE", "X509 CERTIFICATE");
    private static final String PRIVATE_KEY = "PRIVATE KEY";
    private static final String CONVERT = "openssl pkcs8 -topk8 -nocrypt -in KEY -out KEY.pem";
    private static final byte[] NO_BYTES = {};
    private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA");
    /** The first byte of DER. */
    private static final byte SEQUENCE = 0x30;

    private CertificateFiles() {}

    /** Whether a file is DER: a sequence of more than 127 bytes, which no text begins like. */
    private static boolean der(byte[] file) {
        return file.length > 1 && file[0] == SEQUENCE && file[1] < 0;
    }

    /**
     * Reads certificates.
     *
     * @param file PEM blocks, in any order, among them those of certificates
     * @return the certificates in the file's order
     * @throws IllegalArgumentException if there is none; the message says why
     */
    public static List<X509Certificate> certificates(byte[] file) {
        if (der(file)) {
            return parse(file, "it");
        }
        Pem pem = Pem.of(FileText.of(file));
        List<X509Certificate> found = new ArrayList<>();
        for (Pem.Block block : pem.blocks()) {
            if (CERTIFICATE.contains(block.label())) {
                found.addAll(parse(block.bytes(), "the CERTIFICATE at line " + block.line()));
            }
        }
        if (found.isEmpty()) {
            throw new IllegalArgumentException("no CERTIFICATE in PEM" + only(pem));
        }
        return List.copyOf(found);
    }

    private static List<X509Certificate> parse(byte[] der, String what) {
        try {
            Collection<? extends Certificate> read = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(der));
            return read.stream().map(X509Certificate.class::cast).toList();
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException(what + " is no certificate: " + e.getMessage(), e);
        }
    }

    /** What a file holds in place of what is wanted. */
    private static String only(Pem pem) {
        return pem.blocks().isEmpty() ? "" : ", only " + pem.blocks().stream()
                .map(Pem.Block::label).distinct().collect(Collectors.joining(", "));
    }

    /**
     * Reads a private key.
     *
     * @param file PEM blocks, in any order, one of them a key in PKCS#8, not encrypted
     * @return the key
     * @throws IllegalArgumentException if there is no such key, or another as well; the message
     *     says how to convert it
     */
    public static PrivateKey key(byte[] file) {
        if (der(file)) {
            throw new IllegalArgumentException("it is DER; convert it: " + CONVERT
                    + " -inform DER, or, if it is PKCS#12, openssl pkcs12 -nodes -in KEY -out "
                    + "KEY.pem");
        }
        Pem pem = Pem.of(FileText.of(file));
        List<Pem.Block> usable = pem.blocks().stream()
                .filter(block -> block.label().equals(PRIVATE_KEY)).toList();
        if (usable.isEmpty()) {
            throw new IllegalArgumentException(pem.blocks().stream()
                    .filter(block -> block.label().endsWith(PRIVATE_KEY)).findFirst()
                    .map(CertificateFiles::convert).orElse("no PRIVATE KEY in PEM" + only(pem)));
        }
        List<PrivateKey> keys = usable.stream().map(CertificateFiles::pkcs8).distinct().toList();
        if (keys.size() > 1) {
            throw new IllegalArgumentException("it holds " + keys.size()
                    + " different private keys; it must hold one");
        }
        return keys.get(0);
    }

    private static String convert(Pem.Block block) {
        if (block.label().startsWith("OPENSSH")) {
            return "it is of the form " + block.label()
                    + "; convert a copy: ssh-keygen -p -m PKCS8 -f COPY";
        }
        return (block.encrypted() ? "it holds an encrypted key, and this node has no password"
                : "it is of the form " + block.label()) + "; convert it: " + CONVERT;
    }

    private static PrivateKey pkcs8(Pem.Block block) {
        byte[] encoded = block.bytes();
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(
                        new PKCS8EncodedKeySpec(encoded));
            } catch (InvalidKeySpecException e) {
                // Of another algorithm, perhaps.
                continue;
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("this Java lacks " + algorithm, e);
            }
        }
        throw new IllegalArgumentException("the algorithm of the PRIVATE KEY is none of "
                + String.join(", ", ALGORITHMS));
    }

    /**
     * Orders certificates from that of the key upwards, as clients need them (RFC 8446, 4.4.2), and
     * leaves out those that are not above it. Fails if none is that of the key.
     */
    static List<X509Certificate> chain(List<X509Certificate> certificates, PrivateKey key) {
        List<X509Certificate> chain = new ArrayList<>();
        List<X509Certificate> rest = new ArrayList<>(certificates);
        Optional<X509Certificate> next = certificates.stream()
                .filter(each -> fit(each.getPublicKey(), key)).findFirst();
        while (next.isPresent()) {
            chain.add(next.get());
            rest.removeAll(chain);
            next = issuer(next.get(), rest);
        }
        if (chain.isEmpty()) {
            throw new IllegalArgumentException("no certificate for this key");
        }
        return List.copyOf(chain);
    }

    private static Optional<X509Certificate> issuer(X509Certificate of,
            List<X509Certificate> among) {
        return among.stream().filter(each -> each.getSubjectX500Principal().equals(
                of.getIssuerX500Principal()) && signed(each.getPublicKey(), of)).findFirst();
    }

    private static boolean signed(PublicKey by, X509Certificate certificate) {
        try {
            certificate.verify(by);
            return true;
        } catch (GeneralSecurityException e) {
            // By another key of the same name.
            return false;
        }
    }

    /** Whether two keys are a pair: what one signs the other verifies. */
    private static boolean fit(PublicKey open, PrivateKey own) {
        try {
            String algorithm = own instanceof RSAKey ? "SHA256withRSA"
                    : own instanceof ECKey ? "SHA256withECDSA" : "EdDSA";
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(own);
            signature.update(NO_BYTES);
            byte[] signed = signature.sign();
            signature.initVerify(open);
            signature.update(NO_BYTES);
            return signature.verify(signed);
        } catch (InvalidKeyException | SignatureException e) {
            // Keys of different algorithms are no pair either.
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has these signatures", e);
        }
    }
}
