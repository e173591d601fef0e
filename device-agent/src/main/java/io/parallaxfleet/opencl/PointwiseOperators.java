package io.parallaxfleet.opencl;

import io.parallaxfleet.graph.Attributes;
import io.parallaxfleet.opencl.Pointwise.Operand;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Element-wise operators and activations as {@link Pointwise} steps. */
final class PointwiseOperators {
    private static final Map<String, String> PLAIN = Map.ofEntries(
            Map.entry("Relu", "v = fmax(v, ($T)(0.0f));"),
            Map.entry("Sigmoid", "v = 1.0f / (1.0f + exp_$T(-v));"),
            Map.entry("Tanh", "v = tanh_$T(v);"),
            Map.entry("Erf", "v = erf_$T(v);"),
            Map.entry("Sqrt", "v = sqrt(v);"),
            Map.entry("Exp", "v = exp(v);"),
            Map.entry("Log", "v = log(v);"),
            Map.entry("Neg", "v = -v;"),
            Map.entry("Abs", "v = fabs(v);"),
            Map.entry("Floor", "v = floor(v);"),
            Map.entry("Ceil", "v = ceil(v);"),
            Map.entry("Reciprocal", "v = 1.0f / v;"),
            Map.entry("Softplus", "v = fmax(v, ($T)(0.0f)) + log1p(exp(-fabs(v)));"),
            Map.entry("HardSwish", "v = v * clamp(v * (1.0f / 6.0f) + 0.5f, ($T)(0.0f), ($T)(1.0f));"),
            Map.entry("com.microsoft.Gelu", "v = 0.5f * v * (1.0f + erf_$T(v * 0.70710678f));"));
    /** Two operands; {@code v} is the first. */
    private static final Map<String, String> BINARY = Map.ofEntries(
            Map.entry("Add", "v = v + x;"),
            Map.entry("Sum", "v = v + x;"),
            Map.entry("Sub", "v = v - x;"),
            Map.entry("Mul", "v = v * x;"),
            Map.entry("Div", "v = v / x;"),
            Map.entry("Pow", "v = pow(v, x);"),
            Map.entry("PRelu", "v = fmax(v, ($T)(0.0f)) + x * fmin(v, ($T)(0.0f));"),
            Map.entry("Min", "v = fmin(v, x);"),
            Map.entry("Max", "v = fmax(v, x);"),
            Map.entry("com.microsoft.BiasGelu", "v = v + x; v = 0.5f * v * (1.0f + erf_$T(v * 0.70710678f));"),
            Map.entry("com.microsoft.FastGelu", "v = v + x;"));
    /** Two operands; {@code v} is the second. */
    private static final Map<String, String> REVERSED = Map.of("Sub", "v = x - v;", "Div", "v = x / v;", "Pow", "v = pow(x, v);");
    private static final Set<String> COMMUTATIVE =
            Set.of("Add", "Sum", "Mul", "Min", "Max", "com.microsoft.BiasGelu", "com.microsoft.FastGelu");
    private static final Set<String> PARAMETRIC = Set.of("Clip", "LeakyRelu", "HardSigmoid", "Elu", "com.microsoft.QuickGelu");
    private static final String FAST_GELU =
            "v = v / (1.0f + exp_$T(v * (-1.5957691216f - 0.0713548162726f * v * v)));";

    private PointwiseOperators() {}

    static boolean isPointwise(String kind) {
        return PLAIN.containsKey(kind) || PARAMETRIC.contains(kind) || BINARY.containsKey(kind);
    }

    static Set<String> kinds() {
        java.util.Set<String> all = new java.util.HashSet<>(PLAIN.keySet());
        all.addAll(PARAMETRIC);
        all.addAll(BINARY.keySet());
        return Set.copyOf(all);
    }

    /** Whether the operator reads one tensor of data; its other inputs are scalar parameters. */
    static boolean isUnary(Operator operator) {
        return !BINARY.containsKey(operator.kind()) || !operator.hasInput(1);
    }

    /** Whether {@code v} may come in at this input. */
    static boolean chainsAt(Operator operator, int input) {
        return input == 0
                || input == 1 && !isUnary(operator)
                        && (COMMUTATIVE.contains(operator.kind()) || REVERSED.containsKey(operator.kind()))
                || input > 1 && COMMUTATIVE.contains(operator.kind());
    }

    /** The operator on {@code v}, which comes in at the given input. */
    static Pointwise chain(Operator operator, int valueInput, RegionDraft draft) {
        String kind = operator.kind();
        if (!BINARY.containsKey(kind)) {
            return Pointwise.of(unary(operator, draft));
        }
        Pointwise chain = Pointwise.NONE;
        for (int input = 0; input < operator.node().inputs().size(); input++) {
            if (input != valueInput && operator.hasInput(input)) {
                chain = chain.then(binary(operator, kind, input, valueInput, draft));
            }
        }
        return kind.equals("com.microsoft.FastGelu") ? chain.then(Pointwise.of(FAST_GELU)) : chain;
    }

    private static Pointwise binary(Operator operator, String kind, int operand, int valueInput, RegionDraft draft) {
        boolean reversed = operand < valueInput && REVERSED.containsKey(kind);
        String code = reversed ? REVERSED.get(kind) : BINARY.get(kind);
        Optional<Float> scalar = draft.scalar(operator.input(operand));
        if (scalar.isPresent()) {
            if (kind.equals("Pow") && !reversed && scalar.get() == 2.0f) {
                return Pointwise.of("v = v * v;");
            }
            if (kind.equals("Pow") && !reversed && scalar.get() == 0.5f) {
                return Pointwise.of("v = sqrt(v);");
            }
            return Pointwise.of("{ $T x = ($T)(" + literal(scalar.get()) + "); " + code + " }");
        }
        return Pointwise.of(code, Operand.of(operator, operand));
    }

    private static String unary(Operator operator, RegionDraft draft) {
        Attributes attributes = operator.attributes();
        return switch (operator.kind()) {
            case "Clip" -> clip(
                    operator.hasInput(1) ? draft.scalar(operator.input(1)).orElseThrow() : attributes.real("min", -Float.MAX_VALUE),
                    operator.hasInput(2) ? draft.scalar(operator.input(2)).orElseThrow() : attributes.real("max", Float.MAX_VALUE));
            case "LeakyRelu" -> leakyRelu(attributes.real("alpha", 0.01f));
            case "HardSigmoid" -> hardSigmoid(attributes.real("alpha", 0.2f), attributes.real("beta", 0.5f));
            case "Elu" -> "v = fmax(v, ($T)(0.0f)) + " + literal(attributes.real("alpha", 1.0f)) + " * expm1(fmin(v, ($T)(0.0f)));";
            case "com.microsoft.QuickGelu" -> "v = v / (1.0f + exp_$T(v * " + literal(-attributes.real("alpha", 1.702f)) + "));";
            default -> PLAIN.get(operator.kind());
        };
    }

    /** Whether {@link #activation} knows the activation. */
    static boolean isActivation(String name) {
        return Set.of("", "Relu", "Sigmoid", "Tanh", "LeakyRelu", "Clip", "HardSigmoid").contains(name);
    }

    /** The activation attribute of a fused operator. */
    static Pointwise activation(String name, List<Float> parameters) {
        return switch (name) {
            case "" -> Pointwise.NONE;
            case "LeakyRelu" -> Pointwise.of(leakyRelu(parameter(parameters, 0, 0.01f)));
            case "Clip" -> Pointwise.of(clip(parameter(parameters, 0, -Float.MAX_VALUE), parameter(parameters, 1, Float.MAX_VALUE)));
            case "HardSigmoid" -> Pointwise.of(hardSigmoid(parameter(parameters, 0, 0.2f), parameter(parameters, 1, 0.5f)));
            default -> Pointwise.of(PLAIN.get(name));
        };
    }

    /** {@code v = v * gate(v)}, where the gate is a unary operator. */
    static Pointwise gated(Operator gate, RegionDraft draft) {
        return Pointwise.of("{ $T ungated = v; " + unary(gate, draft) + " v = v * ungated; }");
    }

    private static float parameter(List<Float> parameters, int position, float otherwise) {
        return position < parameters.size() ? parameters.get(position) : otherwise;
    }

    private static String clip(float low, float high) {
        return "v = fmin(fmax(v, ($T)(" + literal(low) + ")), ($T)(" + literal(high) + "));";
    }

    private static String leakyRelu(float alpha) {
        return "v = fmax(v, ($T)(0.0f)) + " + literal(alpha) + " * fmin(v, ($T)(0.0f));";
    }

    private static String hardSigmoid(float alpha, float beta) {
        return "v = clamp(v * " + literal(alpha) + " + " + literal(beta) + ", ($T)(0.0f), ($T)(1.0f));";
    }

    /** The value to the last bit, as OpenCL C reads it. */
    static String literal(float value) {
        if (Float.isInfinite(value)) {
            return value > 0 ? "INFINITY" : "(-INFINITY)";
        }
        return Float.isNaN(value) ? "NAN" : "(" + Float.toHexString(value) + "f)";
    }
}
