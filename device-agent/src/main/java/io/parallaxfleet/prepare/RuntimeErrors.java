package io.parallaxfleet.prepare;

import ai.onnxruntime.OrtException;
import io.parallaxfleet.graph.ModelFormatException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Turns what ONNX Runtime says about a model it refuses into one line. */
final class RuntimeErrors {
    private static final Pattern NOT_REGISTERED = Pattern.compile("No Op registered for (\\S+) with domain_version of (\\d+)");
    private static final Pattern NOT_A_FUNCTION = Pattern.compile("([\\w.:]+)\\(-?\\d+\\) is not a registered function/op");
    private static final Pattern NO_KERNEL =
            Pattern.compile("Could not find an implementation for (\\w+)\\((\\d+)\\) node with name '([^']*)'");
    private static final Pattern OPSET = Pattern.compile("(?s)Current official support for domain (\\S+) is till opset (\\d+)");
    private static final Pattern IR_VERSION =
            Pattern.compile("Unsupported model IR version: (\\d+), max supported IR version: (\\d+)");
    private static final Pattern PREAMBLE = Pattern.compile("^Error code - \\w+ - message: ");
    private static final int LONGEST_MESSAGE = 300;

    private RuntimeErrors() {}

    static ModelFormatException explain(Path file, OrtException error) {
        return explain(file, null, error);
    }

    static ModelFormatException explain(Path file, InputShapes shapes, OrtException error) {
        String said = error.getMessage();
        return new ModelFormatException("'" + file + "': " + reason(said, shapes), error);
    }

    private static String reason(String said, InputShapes shapes) {
        Matcher matcher = NOT_REGISTERED.matcher(said);
        if (matcher.find()) {
            return "the operator '" + matcher.group(1) + "' is unknown in operator set " + matcher.group(2)
                    + "; export the model with standard ONNX operators";
        }
        matcher = NOT_A_FUNCTION.matcher(said);
        if (matcher.find()) {
            return "the operator '" + matcher.group(1) + "' is unknown; export the model with standard ONNX operators";
        }
        matcher = NO_KERNEL.matcher(said);
        if (matcher.find()) {
            return "the operator '" + matcher.group(1) + "' (node '" + matcher.group(3)
                    + "') cannot run on the CPU with its types; export the model with float tensors";
        }
        matcher = OPSET.matcher(said);
        if (matcher.find()) {
            return "the model needs a newer operator set than " + matcher.group(2) + " of '" + matcher.group(1)
                    + "'; export it with an opset of at most " + matcher.group(2);
        }
        matcher = IR_VERSION.matcher(said);
        if (matcher.find()) {
            return "the file is of ONNX IR version " + matcher.group(1) + "; export it with version " + matcher.group(2)
                    + " or older";
        }
        String line = PREAMBLE.matcher(said).replaceFirst("").replaceAll("\\s+", " ").trim();
        if (line.length() > LONGEST_MESSAGE) {
            line = line.substring(0, LONGEST_MESSAGE) + "...";
        }
        String remedy = shapes == null || shapes.dimensions().isEmpty()
                ? "; export the model again"
                : "; check the values of --dim (" + shapes.dimensions() + ") or export the model again";
        return "ONNX Runtime refuses it: " + line + remedy;
    }
}
