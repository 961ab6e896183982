package bcast.http;

import bcast.base.Log;
import bcast.base.WatchedFile;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;

/**
 * A certificate and its key, from one or two files that may be renewed while the node runs: new
 * connections use the new pair as soon as its certificate and key match. The JDK's server fixes its
 * context at the start, so this key manager reads the files instead.
 */
public final class Certificates extends X509ExtendedKeyManager {

    private static final String ALIAS = "bcast-";
    private static final char[] NO_PASSWORD = {};

    private final WatchedFile<List<X509Certificate>> chain;
    private final WatchedFile<PrivateKey> key;
    private final Log log;
    private List<X509Certificate> triedChain;
    private PrivateKey triedKey;
    private X509ExtendedKeyManager manager;
    /** The pair before, which handshakes under way may still need. */
    private X509ExtendedKeyManager previous;
    /** Part of the alias, so that no handshake mixes the chain and the key of different pairs. */
    private long generation;

    /**
     * Uses two files.
     *
     * @param chain the certificate of the key and those above it, in any order
     * @param key its private key
     * @param log reports that a new pair is in use, or does not match
     * @throws IllegalArgumentException if they do not match
     */
    public Certificates(WatchedFile<List<X509Certificate>> chain, WatchedFile<PrivateKey> key,
            Log log) {
        this.chain = chain;
        this.key = key;
        this.log = log;
        this.triedChain = chain.value();
        this.triedKey = key.value();
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

    private static X509ExtendedKeyManager managerOf(List<X509Certificate> certificates,
            PrivateKey key, String alias) {
        List<X509Certificate> chain = CertificateFiles.chain(certificates, key);
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

    /** The manager of the newest pair that matches. */
    private synchronized X509ExtendedKeyManager current() {
        List<X509Certificate> newChain = chain.value();
        PrivateKey newKey = key.value();
        if (newChain != triedChain || newKey != triedKey) {
            triedChain = newChain;
            triedKey = newKey;
            try {
                X509ExtendedKeyManager next =
                        managerOf(newChain, newKey, ALIAS + (generation + 1));
                generation++;
                previous = manager;
                manager = next;
                log.info("clients get the certificate of " + next.getCertificateChain(
                        ALIAS + generation)[0].getSubjectX500Principal() + " from now on");
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
