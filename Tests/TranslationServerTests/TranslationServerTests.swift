// TranslationServerTests
