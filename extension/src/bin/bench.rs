//! The encoder as `cargo xtask bench` measures it in a browser. Not shipped.

#[cfg(target_arch = "wasm32")]
#[allow(unreachable_pub, reason = "wasm-bindgen exports public functions only")]
mod exports {
    use pith::kernels::{Kernel, bench, cases};
    use pith::model::{Encoder, ModelDescription, Part, Role, Tokenizer};
    use pith_extension::browser::now_ms;
    use wasm_bindgen::prelude::*;

    /// A tokenizer and an encoder.
    #[wasm_bindgen]
    pub struct Bench {
        encoder: Encoder,
        tokenizer: Tokenizer,
    }

    #[wasm_bindgen]
    impl Bench {
        /// From the files that the extension ships.
        #[wasm_bindgen(constructor)]
        pub fn new(weights: Vec<u8>, tokenizer: &[u8], description: &[u8]) -> Result<Bench, JsError> {
            let description = ModelDescription::from_json(description)?;
            Ok(Self {
                encoder: Encoder::from_weights(weights)?,
                tokenizer: Tokenizer::from_file(tokenizer, description.profile())?,
            })
        }

        /// The kernel that runs.
        pub fn kernel(&self) -> String {
            self.encoder.kernel().to_owned()
        }

        /// Token ids of sequences back to back, with the length of each; gives their embeddings back to back.
        pub fn forward(&mut self, ids: &[u32], lengths: &[usize]) -> Result<Vec<f32>, JsError> {
            Ok(flat(&self.encoder.embed(&split(ids, lengths))?))
        }

        /// Texts to embeddings, tokenization included.
        pub fn texts(&mut self, texts: Vec<String>) -> Result<Vec<f32>, JsError> {
            let tokens = texts
                .iter()
                .map(|text| Ok(self.tokenizer.encode(Role::Passage, text)?.ids));
            let tokens = tokens.collect::<Result<Vec<_>, JsError>>()?;
            let batch: Vec<&[u32]> = tokens.iter().map(Vec::as_slice).collect();
            Ok(flat(&self.encoder.embed(&batch)?))
        }

        /// As [`Self::forward`]: milliseconds of each of [`part_names`].
        pub fn parts(&mut self, ids: &[u32], lengths: &[usize]) -> Result<Vec<f64>, JsError> {
            let mut spent = vec![0.0; Part::ALL.len()];
            let mut last = now_ms();
            self.encoder.embed_by_parts(&split(ids, lengths), |part| {
                let now = now_ms();
                if let Some(spent) = Part::ALL
                    .iter()
                    .position(|known| *known == part)
                    .and_then(|i| spent.get_mut(i))
                {
                    *spent += now - last;
                }
                last = now;
            })?;
            Ok(spent)
        }
    }

    /// The parts that time is told apart by.
    #[wasm_bindgen(js_name = partNames)]
    pub fn part_names() -> Vec<String> {
        Part::ALL.iter().map(|part| format!("{part:?}")).collect()
    }

    /// Runs every case of the kernels of this build. Gives how many there were.
    #[wasm_bindgen(js_name = checkKernels)]
    pub fn check_kernels() -> Result<usize, JsError> {
        let checked = cases::check_all().map_err(|wrong| JsError::new(&wrong))?;
        Ok(checked.into_iter().map(|(_, cases)| cases).sum())
    }

    /// The kernels' micro-benchmarks.
    #[wasm_bindgen(js_name = microNames)]
    pub fn micro_names() -> Vec<String> {
        bench::micros(Kernel::best())
            .into_iter()
            .map(|micro| micro.name)
            .collect()
    }

    /// Runs one of them again and again for this long, after as long to warm up; gives the best rate of a tenth of that
    /// time, in 10⁹ a second.
    #[wasm_bindgen]
    pub fn micro(index: usize, for_ms: f64) -> Option<f64> {
        let mut micro = bench::micros(Kernel::best()).into_iter().nth(index)?;
        let mut rate = |ms: f64| {
            let start = now_ms();
            let mut done = 0;
            loop {
                done += micro.run();
                let elapsed = now_ms() - start;
                if elapsed >= ms {
                    return done as f64 / elapsed / 1e6;
                }
            }
        };
        rate(for_ms);
        (0..10).map(|_| rate(for_ms / 10.0)).max_by(f64::total_cmp)
    }

    fn split<'a>(mut ids: &'a [u32], lengths: &[usize]) -> Vec<&'a [u32]> {
        let take = |length: &usize| {
            let (sequence, rest) = ids.split_at((*length).min(ids.len()));
            ids = rest;
            sequence
        };
        lengths.iter().map(take).collect()
    }

    fn flat(embeddings: &pith::model::Embeddings) -> Vec<f32> {
        embeddings.iter().flatten().copied().collect()
    }
}

fn main() {
    pith_extension::panics::tell_console();
}
