//! Step 2: whom would the law cover? Computed over real models, for several settings.

use super::{Coverage, Figures, Stage};
use crate::scene::Scene;

pub(super) fn play(scene: &mut Scene<'_>, stage: &Stage) {
    scene.begin(2, "この法律は、誰を対象とするか", "Whom would the law cover?");
    let heading = scene.text("対象 / 対象外 / 判定不能", "covered / not covered / undetermined").to_owned();
    scene.audience.note(&heading);
    for setting in &stage.coverage {
        let line = row(scene, setting);
        scene.audience.note(&line);
    }
    if let Some(first) = stage.coverage.first() {
        for (label, rows) in [(("年別", "by year"), &first.years), (("国別", "by country"), &first.countries)]
        {
            let rows: Vec<String> = rows
                .iter()
                .rev()
                .take(6)
                .map(|((ja, en), f)| format!("{} {}", scene.text(ja, en), figures(*f)))
                .collect();
            let line = format!("  {}: {}", scene.text(label.0, label.1), rows.join(", "));
            scene.audience.note(&line);
        }
    }
    scene.note(
        "計算量が公表されていないモデルは「判定不能」です。「対象外」ではありません。図は表紙にあります。",
        "A model whose compute is not known is undetermined, not \"not covered\". The chart is on the front page.",
    );
}

fn row(scene: &Scene<'_>, setting: &Coverage) -> String {
    format!("  {:<44} {}", scene.text(&setting.label.0, &setting.label.1), figures(setting.models))
}

fn figures(f: Figures) -> String {
    format!("{} / {} / {}", f.covered, f.not_covered, f.undetermined)
}
