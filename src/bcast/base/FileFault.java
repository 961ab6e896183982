package bcast.base;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Describes why a file cannot be used: the message of Java's exceptions is often only its name. */
public final class FileFault {

    private FileFault() {}

    /**
     * Gives the reason of an exception.
     *
     * @param e the exception
     * @return the file, where the exception names it, and the reason
     */
    public static String why(IOException e) {
        if (e instanceof FileSystemException fault) {
            return (fault.getFile() == null ? "" : fault.getFile() + ": ") + reason(fault);
        }
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    private static String reason(FileSystemException e) {
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (e instanceof NoSuchFileException) {
            return "no such file or directory";
        }
        if (e instanceof NotDirectoryException) {
            return "not a directory";
        }
        if (e instanceof FileAlreadyExistsException) {
            return "a file of this name exists";
        }
        return e.getReason() == null ? e.getClass().getSimpleName() : e.getReason();
    }
}
