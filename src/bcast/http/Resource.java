package bcast.http;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;

/** A file of the jar, beside this class; read when first asked for, so that no start waits. */
class Resource implements Handler {

    private record Read(byte[] content, Map<String, String> headers) {}

    private final String name;
    private final String type;
    private volatile Read read;

    Resource(String name, String type) {
        this.name = name;
        this.type = type;
    }

    /** What else is said of the file. */
    Map<String, String> headers(byte[] content) {
        return Map.of();
    }

    @Override
    public void handle(Call call) throws IOException, HttpError {
        if (read == null) {
            byte[] content = content();
            read = new Read(content, headers(content));
        }
        read.headers.forEach(call::setHeader);
        call.answerLarge(type, read.content);
    }

    private byte[] content() {
        try (InputStream in = Resource.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the jar lacks " + name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new IllegalStateException("cannot read " + name + " in the jar", e);
        }
    }
}
