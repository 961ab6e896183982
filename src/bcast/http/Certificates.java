package bcast.http;

import bcast.base.Log;
import bcast.base.WatchedFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.security.interfaces.RSAKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;

/**
 * A certificate and its key from two PEM files, which may be renewed while the node runs: new
 * connections get what is there as soon as both files fit each other. The JDK's server fixes its
 * context at the start, so this stands between.
 */
public final class Certificates extends X509ExtendedKeyManager {

    private static final Pattern PEM = Pattern.compile(
            "-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]*)-----END \\1-----");
    private static final String ALIAS = "bcast-";
    private static final String CONVERT =
            "openssl pkcs8 -topk8 -nocrypt -in KEY -out KEY.pem";
    private static final char[] NO_PASSWORD = {};
    private static final byte[] NO_BYTES = {};
    private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA");

    private final WatchedFile<List<X509Certificate>> chain;
    private final WatchedFile<PrivateKey> key;
    private final Log log;
    private List<X509Certificate> triedChain;
    private PrivateKey triedKey;
    private X509ExtendedKeyManager manager;
    /** What handshakes that have begun may still ask for. */
    private X509ExtendedKeyManager previous;
    /** Part of the alias, so that none gets the chain of one pair and the key of another. */
    private long generation;

    /**
     * Uses two files.
     *
     * @param chain the certificate and those above it
     * @param key its private key
     * @param log told when new ones are in use or do not fit
     * @throws IllegalArgumentException if they do not fit each other
     */
    public Certificates(WatchedFile<List<X509Certificate>> chain, WatchedFile<PrivateKey> key,
            Log log) {
        this.chain = chain;
        this.key = key;
        this.log = log;
        this.triedChain = chain.get();
        this.triedKey = key.get();
        this.manager = managerOf(triedChain, triedKey, ALIAS + generation);
        this.previous = manager;
    }

    /** A context for the server. */
    SSLContext context() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[] {this}, null, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has TLS", e);
        }
    }

    // ---- reading

    /**
     * Reads certificates.
     *
     * @param file PEM blocks of certificates, that of the node first
     * @return the certificates
     * @throws IllegalArgumentException if it holds anything else, or none
     */
    public static List<X509Certificate> chain(byte[] file) {
        try {
            Collection<? extends Certificate> read = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(file));
            if (read.isEmpty()) {
                throw new IllegalArgumentException("no CERTIFICATE in PEM");
            }
            return read.stream().map(X509Certificate.class::cast).toList();
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("no CERTIFICATE in PEM: " + e.getMessage(), e);
        }
    }

    /**
     * Reads a private key.
     *
     * @param file a PEM block of a key in PKCS#8, not encrypted
     * @return the key
     * @throws IllegalArgumentException if it is anything else; the message says how to convert it
     */
    public static PrivateKey key(byte[] file) {
        Matcher pem = PEM.matcher(new String(file, StandardCharsets.ISO_8859_1));
        while (pem.find()) {
            if (pem.group(1).equals("PRIVATE KEY")) {
                return pkcs8(pem.group(2));
            }
            if (pem.group(1).endsWith("PRIVATE KEY")) {
                throw new IllegalArgumentException("it is of the form " + pem.group(1)
                        + "; convert " + (pem.group(1).startsWith("OPENSSH")
                        ? "a copy: ssh-keygen -p -m PKCS8 -f COPY" : "it: " + CONVERT));
            }
        }
        throw new IllegalArgumentException("no PRIVATE KEY in PEM; one in DER, or with a "
                + "password, is to be converted: " + CONVERT + ", with -inform DER if it is");
    }

    private static PrivateKey pkcs8(String base64) {
        byte[] encoded;
        try {
            encoded = Base64.getMimeDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("the PRIVATE KEY is not base64", e);
        }
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
        throw new IllegalArgumentException("the PRIVATE KEY is none of "
                + String.join(", ", ALGORITHMS));
    }

    private static X509ExtendedKeyManager managerOf(List<X509Certificate> chain, PrivateKey key,
            String alias) {
        if (!fit(chain.get(0).getPublicKey(), key)) {
            throw new IllegalArgumentException("the key is not that of the first certificate");
        }
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, NO_PASSWORD);
            store.setKeyEntry(alias, key, NO_PASSWORD, chain.toArray(Certificate[]::new));
            KeyManagerFactory factory = KeyManagerFactory.getInstance(
                    KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store, NO_PASSWORD);
            return (X509ExtendedKeyManager) factory.getKeyManagers()[0];
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException("certificate or key cannot be used: "
                    + e.getMessage(), e);
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
        } catch (GeneralSecurityException e) {
            // Keys of different algorithms are no pair either.
            return false;
        }
    }

    // ---- serving

    /** What is in force now. */
    private synchronized X509ExtendedKeyManager current() {
        List<X509Certificate> newChain = chain.get();
        PrivateKey newKey = key.get();
        if (newChain != triedChain || newKey != triedKey) {
            triedChain = newChain;
            triedKey = newKey;
            try {
                X509ExtendedKeyManager next =
                        managerOf(newChain, newKey, ALIAS + (generation + 1));
                generation++;
                previous = manager;
                manager = next;
                log.info("clients get the certificate of "
                        + newChain.get(0).getSubjectX500Principal() + " from now on");
            } catch (IllegalArgumentException e) {
                log.warn("clients still get the old certificate: " + e.getMessage());
            }
        }
        return manager;
    }

    @Override
    public String chooseEngineServerAlias(String keyType, Principal[] issuers,
            SSLEngine engine) {
        return current().chooseEngineServerAlias(keyType, issuers, engine);
    }

    @Override
    public String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
        return current().chooseServerAlias(keyType, issuers, socket);
    }

    @Override
    public synchronized X509Certificate[] getCertificateChain(String alias) {
        X509Certificate[] found = manager.getCertificateChain(alias);
        return found != null ? found : previous.getCertificateChain(alias);
    }

    @Override
    public synchronized PrivateKey getPrivateKey(String alias) {
        PrivateKey found = manager.getPrivateKey(alias);
        return found != null ? found : previous.getPrivateKey(alias);
    }

    @Override
    public String[] getServerAliases(String keyType, Principal[] issuers) {
        return current().getServerAliases(keyType, issuers);
    }

    @Override
    public String[] getClientAliases(String keyType, Principal[] issuers) {
        return null;
    }

    @Override
    public String chooseClientAlias(String[] keyType, Principal[] issuers, Socket socket) {
        return null;
    }
}
