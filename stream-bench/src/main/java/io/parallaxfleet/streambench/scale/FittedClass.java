package io.parallaxfleet.streambench.scale;

import io.parallaxfleet.operators.aggregate.ClassKey;
import io.parallaxfleet.operators.fit.ClassObservations;
import io.parallaxfleet.operators.fit.CostModelFit;
import io.parallaxfleet.operators.fit.FitOptions;
import io.parallaxfleet.operators.fit.FitResult;
import io.parallaxfleet.operators.fit.flink.FitFunction;
import io.parallaxfleet.schemas.avro.CostModelEstimate;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.state.api.OperatorIdentifier;
import org.apache.flink.state.api.SavepointReader;
import org.apache.flink.state.api.functions.KeyedStateReaderFunction;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;
import org.apache.flink.util.Collector;

/** The cost model that the job would fit to what it knows of a class at a savepoint: its state is read, and fitted by its own code. */
final class FittedClass {
    private FittedClass() {}

    /** @return empty where too little is known for a model */
    static Optional<CostModelEstimate> at(Path savepoint, String deviceClass) throws Exception {
        Configuration configuration = new Configuration();
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        SavepointReader reader = SavepointReader.read(StreamExecutionEnvironment.createLocalEnvironment(1, configuration),
                savepoint.toUri().toString());
        List<CostModelEstimate> found;
        try (CloseableIterator<CostModelEstimate> all = reader.readKeyedState(OperatorIdentifier.forUid("fit"), new Fit(deviceClass),
                TypeInformation.of(ClassKey.class), new AvroTypeInfo<>(CostModelEstimate.class)).executeAndCollect()) {
            found = new ArrayList<>();
            all.forEachRemaining(found::add);
        }
        return found.stream().findFirst();
    }

    private static final class Fit extends KeyedStateReaderFunction<ClassKey, CostModelEstimate> {
        private static final long serialVersionUID = 1L;

        private final String deviceClass;
        private transient ValueState<ClassObservations> observations;

        Fit(String deviceClass) {
            this.deviceClass = deviceClass;
        }

        @Override
        public void open(OpenContext context) {
            observations = getRuntimeContext().getState(FitFunction.observations());
        }

        @Override
        public void readKey(ClassKey key, Context context, Collector<CostModelEstimate> out) throws Exception {
            if (key.deviceClass().equals(deviceClass)
                    && new CostModelFit(FitOptions.defaults()).fit(observations.value().reservoir().regions()) instanceof FitResult.Fitted fitted) {
                out.collect(fitted.estimate());
            }
        }
    }
}
