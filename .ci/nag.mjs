// Runs cdk-nag over synthesised templates: node .ci/nag.mjs OUTDIR TEMPLATE...
import { basename } from 'node:path';
import { App, DefaultStackSynthesizer, Stack, Validations } from 'aws-cdk-lib';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';

const [outdir, ...templates] = process.argv.slice(2);
const app = new App({ outdir });
for (const templateFile of templates) {
  const stack = new Stack(app, basename(templateFile, '.template.json'), {
    synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }),
  });
  new CfnInclude(stack, 'T', { templateFile });
}
Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
app.synth();
